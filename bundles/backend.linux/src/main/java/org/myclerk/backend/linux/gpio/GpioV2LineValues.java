package org.myclerk.backend.linux.gpio;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

import org.myclerk.backend.linux.kernel.Ioctl;

/** {@code struct gpio_v2_line_values} of linux/gpio.h. */
record GpioV2LineValues(MemorySegment at) {

    static final StructLayout LAYOUT = MemoryLayout.structLayout(JAVA_LONG.withName("bits"),
            JAVA_LONG.withName("mask")).withName("gpio_v2_line_values");

    static final long GPIO_V2_LINE_GET_VALUES_IOCTL = Ioctl.readWrite(0xB4, 0x0E, LAYOUT);
    static final long GPIO_V2_LINE_SET_VALUES_IOCTL = Ioctl.readWrite(0xB4, 0x0F, LAYOUT);

    static GpioV2LineValues in(Arena arena, long mask, long bits) {
        GpioV2LineValues struct = new GpioV2LineValues(arena.allocate(LAYOUT));
        struct.at.set(JAVA_LONG, 0, bits);
        struct.at.set(JAVA_LONG, 8, mask);
        return struct;
    }

    long bits() {
        return at.get(JAVA_LONG, 0);
    }
}
