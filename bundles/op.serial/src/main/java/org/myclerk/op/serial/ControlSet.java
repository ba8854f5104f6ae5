package org.myclerk.op.serial;

import java.util.Optional;

import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Size;

/** The outgoing control lines; one that is left out stays as it is. */
public record ControlSet(@Device @Size(min = 1, max = 128) @Help("id of the port, as listed") String port,
        @Help("Data Terminal Ready") Optional<Boolean> dtr, @Help("Request To Send") Optional<Boolean> rts) {
}
