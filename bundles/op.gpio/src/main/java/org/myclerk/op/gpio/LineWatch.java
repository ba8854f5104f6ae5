package org.myclerk.op.gpio;

import java.util.List;
import java.util.Optional;

import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/**
 * Has edges told from now on, each by a GPIO_EVENT. Lines that the caller does not have are taken first, if
 * they are inputs; it ends with edge {@code none}, or when they are given back.
 */
public record LineWatch(@Device @Size(min = 1, max = 128) @Help("id of the chip, as listed") String chip,
        @Size(min = 1, max = 64) @Range(max = 1023) @Help("numbers of the lines") List<Integer> lines,
        @Help("both if left out") Optional<Edge> edge,
        @Help("clock of the timestamps; monotonic if left out") Optional<Clock> clock) {
}
