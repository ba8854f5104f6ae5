package org.myclerk.backend.linux.gpio;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

import org.myclerk.device.gpio.GpioEdge;

/** {@code struct gpio_v2_line_event} of linux/gpio.h. */
record GpioV2LineEvent(MemorySegment at) {

    static final int GPIO_V2_LINE_EVENT_RISING_EDGE = 1;

    static final StructLayout LAYOUT = MemoryLayout.structLayout(
            JAVA_LONG.withName("timestamp_ns"),
            JAVA_INT.withName("id"),
            JAVA_INT.withName("offset"),
            JAVA_INT.withName("seqno"),
            JAVA_INT.withName("line_seqno"),
            MemoryLayout.sequenceLayout(6, JAVA_INT).withName("padding")).withName("gpio_v2_line_event");

    private static final long ID = LAYOUT.byteOffset(groupElement("id"));
    private static final long OFFSET = LAYOUT.byteOffset(groupElement("offset"));
    private static final long SEQNO = LAYOUT.byteOffset(groupElement("seqno"));
    private static final long LINE_SEQNO = LAYOUT.byteOffset(groupElement("line_seqno"));

    GpioEdge value() {
        return new GpioEdge(at.get(JAVA_INT, OFFSET), at.get(JAVA_INT, ID) == GPIO_V2_LINE_EVENT_RISING_EDGE,
                at.get(JAVA_LONG, 0), Integer.toUnsignedLong(at.get(JAVA_INT, SEQNO)),
                Integer.toUnsignedLong(at.get(JAVA_INT, LINE_SEQNO)));
    }
}
