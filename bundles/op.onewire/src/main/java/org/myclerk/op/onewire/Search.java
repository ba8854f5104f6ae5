package org.myclerk.op.onewire;

import java.util.Optional;

import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Size;

/** Asks which devices are on a bus. */
public record Search(@Device @Size(min = 1, max = 128) @Help("id of the bus, as listed") String bus,
        @Help("only devices that tell an alarm") Optional<Boolean> alarmed) {
}
