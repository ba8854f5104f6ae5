package org.myclerk.device.gpio;

import java.util.List;

/**
 * Lines to take.
 *
 * @param lines 1..64 different numbers; everywhere else a line is named by its position in this list
 * @param values of outputs: bit n is whether the line at position n begins active
 * @param consumer who takes them, for people; the kernel keeps 31 bytes
 */
public record GpioRequest(List<Integer> lines, GpioSettings settings, long values, String consumer) {

    public GpioRequest {
        lines = List.copyOf(lines);
        if (lines.isEmpty() || lines.size() > 64 || lines.stream().distinct().count() != lines.size()) {
            throw new IllegalArgumentException("a request takes 1 to 64 different lines, got " + lines);
        }
    }
}
