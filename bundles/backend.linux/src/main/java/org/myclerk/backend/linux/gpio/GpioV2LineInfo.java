package org.myclerk.backend.linux.gpio;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

import org.myclerk.backend.linux.kernel.Ioctl;
import org.myclerk.backend.linux.kernel.Text;
import org.myclerk.device.gpio.GpioLineInfo;

/** {@code struct gpio_v2_line_info} of linux/gpio.h. */
record GpioV2LineInfo(MemorySegment at) {

    static final StructLayout LAYOUT = MemoryLayout.structLayout(
            MemoryLayout.sequenceLayout(32, JAVA_BYTE).withName("name"),
            MemoryLayout.sequenceLayout(32, JAVA_BYTE).withName("consumer"),
            JAVA_INT.withName("offset"),
            JAVA_INT.withName("num_attrs"),
            JAVA_LONG.withName("flags"),
            MemoryLayout.sequenceLayout(10, GpioV2LineAttribute.LAYOUT).withName("attrs"),
            MemoryLayout.sequenceLayout(4, JAVA_INT).withName("padding")).withName("gpio_v2_line_info");

    static final long GPIO_V2_GET_LINEINFO_IOCTL = Ioctl.readWrite(0xB4, 0x05, LAYOUT);

    private static final long CONSUMER = LAYOUT.byteOffset(groupElement("consumer"));
    private static final long OFFSET = LAYOUT.byteOffset(groupElement("offset"));
    private static final long NUM_ATTRS = LAYOUT.byteOffset(groupElement("num_attrs"));
    private static final long FLAGS = LAYOUT.byteOffset(groupElement("flags"));
    private static final long ATTRS = LAYOUT.byteOffset(groupElement("attrs"));

    static GpioV2LineInfo in(Arena arena, int line) {
        GpioV2LineInfo struct = new GpioV2LineInfo(arena.allocate(LAYOUT));
        struct.at.set(JAVA_INT, OFFSET, line);
        return struct;
    }

    GpioLineInfo value() {
        long flags = at.get(JAVA_LONG, FLAGS);
        return new GpioLineInfo(at.get(JAVA_INT, OFFSET), Text.get(at.asSlice(0, 32)),
                Text.get(at.asSlice(CONSUMER, 32)), (flags & LineFlags.USED) != 0,
                LineFlags.settings(flags, debounceMicros()));
    }

    private int debounceMicros() {
        for (int i = 0; i < at.get(JAVA_INT, NUM_ATTRS); i++) {
            GpioV2LineAttribute attribute = new GpioV2LineAttribute(
                    at.asSlice(ATTRS + i * GpioV2LineAttribute.LAYOUT.byteSize(),
                    GpioV2LineAttribute.LAYOUT));
            if (attribute.id() == GpioV2LineAttribute.GPIO_V2_LINE_ATTR_ID_DEBOUNCE) {
                return attribute.debouncePeriodMicros();
            }
        }
        return 0;
    }
}
