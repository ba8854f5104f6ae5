package org.myclerk.op.gpio;

import java.util.List;

import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/** Asks for the values of lines; a line that nobody has is taken as it is, read and given back. */
public record LineGet(@Device @Size(min = 1, max = 128) @Help("id of the chip, as listed") String chip,
        @Size(min = 1, max = 64) @Range(max = 1023) @Help("numbers of the lines") List<Integer> lines) {
}
