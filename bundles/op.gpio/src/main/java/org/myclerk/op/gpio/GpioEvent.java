package org.myclerk.op.gpio;

import java.util.Optional;

import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/**
 * An edge.
 *
 * @param edge rising or falling
 * @param timestampNanos when the kernel saw it, nanoseconds of the clock that was asked for
 * @param sequence number of the edge among those of the lines that were requested together; unsigned 32 bits
 * @param lineSequence number of the edge among those of the line
 * @param lost how many edges before this one could not be told; absent if none
 */
public record GpioEvent(@Size(min = 1, max = 128) String chip, int line, Edge edge, long timestampNanos,
        long sequence, long lineSequence, @Range(min = 1) Optional<Long> lost) {
}
