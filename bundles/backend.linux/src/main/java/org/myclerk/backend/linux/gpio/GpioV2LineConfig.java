package org.myclerk.backend.linux.gpio;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

import org.myclerk.backend.linux.kernel.Ioctl;
import org.myclerk.device.gpio.GpioSettings;
import org.myclerk.device.gpio.GpioSettings.Direction;

/** {@code struct gpio_v2_line_config} of linux/gpio.h. */
record GpioV2LineConfig(MemorySegment at) {

    /** {@code struct gpio_v2_line_config_attribute}: an attribute, and the lines it holds for. */
    static final StructLayout ATTRIBUTE = MemoryLayout.structLayout(
            GpioV2LineAttribute.LAYOUT.withName("attr"),
            JAVA_LONG.withName("mask")).withName("gpio_v2_line_config_attribute");

    static final StructLayout LAYOUT = MemoryLayout.structLayout(
            JAVA_LONG.withName("flags"),
            JAVA_INT.withName("num_attrs"),
            MemoryLayout.sequenceLayout(5, JAVA_INT).withName("padding"),
            MemoryLayout.sequenceLayout(10, ATTRIBUTE).withName("attrs")).withName("gpio_v2_line_config");

    static final long GPIO_V2_LINE_SET_CONFIG_IOCTL = Ioctl.readWrite(0xB4, 0x0D, LAYOUT);

    private static final long NUM_ATTRS = LAYOUT.byteOffset(groupElement("num_attrs"));
    private static final long ATTRS = LAYOUT.byteOffset(groupElement("attrs"));
    private static final long MASK = ATTRIBUTE.byteOffset(groupElement("mask"));

    static GpioV2LineConfig in(Arena arena) {
        return new GpioV2LineConfig(arena.allocate(LAYOUT));
    }

    /** Sets the given number of lines up alike; outputs get the values. */
    void fill(GpioSettings settings, int lines, long values) {
        long all = lines == 64 ? -1L : (1L << lines) - 1;
        at.fill((byte) 0);
        at.set(JAVA_LONG, 0, LineFlags.of(settings));
        if (settings.direction() == Direction.OUTPUT) {
            new GpioV2LineAttribute(add(all)).outputValues(values & all);
        }
        if (settings.debounceMicros() > 0) {
            new GpioV2LineAttribute(add(all)).debouncePeriodMicros(settings.debounceMicros());
        }
    }

    private MemorySegment add(long lines) {
        int count = at.get(JAVA_INT, NUM_ATTRS);
        at.set(JAVA_INT, NUM_ATTRS, count + 1);
        MemorySegment attribute = at.asSlice(ATTRS + count * ATTRIBUTE.byteSize(), ATTRIBUTE.byteSize());
        attribute.set(JAVA_LONG, MASK, lines);
        return attribute;
    }
}
