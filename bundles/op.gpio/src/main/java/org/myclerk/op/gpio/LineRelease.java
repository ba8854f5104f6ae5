package org.myclerk.op.gpio;

import java.util.List;
import java.util.Optional;

import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/**
 * Gives lines back, and channels of a PWM chip.
 *
 * @param lines all that the caller's node has of that chip, if left out; lines that were requested together
 *     are given back together
 */
public record LineRelease(@Device @Size(min = 1, max = 128) @Help("id of the chip, as listed") String chip,
        @Size(min = 1,
        max = 64) @Range(max = 1023) @Help("numbers; all if left out") Optional<List<Integer>> lines) {
}
