package org.myclerk.device.gpio;

/**
 * What the kernel tells of a line.
 *
 * @param name what the board calls it, empty if it has no name
 * @param consumer who uses it, empty if nobody or unnamed
 * @param used whether it is in use, by a program or by the kernel
 */
public record GpioLineInfo(int line, String name, String consumer, boolean used, GpioSettings settings) {
}
