package org.myclerk.op.serial;

import java.util.Optional;

import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/** Asks for a break; it lasts 250 ms if no time is given. */
public record PortBreak(@Device @Size(min = 1, max = 128) @Help("id of the port, as listed") String port,
        @Range(min = 1, max = 5000) @Help("milliseconds it lasts") Optional<Integer> durationMs) {
}
