package org.myclerk.op.can;

import java.util.Optional;

import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Size;

/** Asks to take part in the traffic of an interface. */
public record InterfaceOpen(@Device @Size(min = 1,
        max = 128) @Help("id of the interface, as listed") String channel,
        @Help("receive what you send yourself, once it was on the bus") Optional<Boolean> ownFrames) {
}
