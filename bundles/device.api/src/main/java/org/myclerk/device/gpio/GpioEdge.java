package org.myclerk.device.gpio;

/**
 * An edge on a line (struct gpio_v2_line_event).
 *
 * @param line its number on the chip
 * @param rising whether the line became active
 * @param timestampNanos when the kernel saw it, of the clock that was asked for
 * @param sequence counts the edges of the request from 1; a gap means that edges were lost. Unsigned 32 bits,
 *     goes on with 0
 * @param lineSequence the same for the line alone
 */
public record GpioEdge(int line, boolean rising, long timestampNanos, long sequence, long lineSequence) {
}
