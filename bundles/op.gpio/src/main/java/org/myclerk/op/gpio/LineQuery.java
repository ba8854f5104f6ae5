package org.myclerk.op.gpio;

import java.util.Optional;

import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/** Asks about one line, or about all. */
public record LineQuery(@Device @Size(min = 1, max = 128) @Help("id of the chip, as listed") String chip,
        @Range(max = 1023) @Help("number of the line; all if left out") Optional<Integer> line) {
}
