package org.myclerk.op.gpio;

import java.util.Optional;

/**
 * How a line is set up, and who uses it.
 *
 * @param name what the board calls it; absent if it has no name
 * @param consumer who uses it; absent if nobody or unnamed
 * @param used whether it is in use, by a program or by the kernel
 * @param activeLow whether "active" is the low level
 * @param edge which edges are reported to the one who uses it
 * @param debounceMicros how long a level must last, in microseconds; 0 without debouncing
 */
public record LineInfo(int line, Optional<String> name, Optional<String> consumer, boolean used,
        Direction direction, boolean activeLow, Bias bias, Drive drive, Edge edge, int debounceMicros) {
}
