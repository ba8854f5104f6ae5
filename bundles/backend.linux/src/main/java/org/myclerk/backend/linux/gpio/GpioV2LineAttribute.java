package org.myclerk.backend.linux.gpio;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/**
 * {@code struct gpio_v2_line_attribute} of linux/gpio.h; of its union's 64 bits the period takes the first
 * 32.
 */
record GpioV2LineAttribute(MemorySegment at) {

    static final int GPIO_V2_LINE_ATTR_ID_FLAGS = 1;
    static final int GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES = 2;
    static final int GPIO_V2_LINE_ATTR_ID_DEBOUNCE = 3;

    static final StructLayout LAYOUT = MemoryLayout.structLayout(
            JAVA_INT.withName("id"),
            JAVA_INT.withName("padding"),
            JAVA_LONG.withName("values")).withName("gpio_v2_line_attribute");

    private static final long VALUES = LAYOUT.byteOffset(groupElement("values"));

    int id() {
        return at.get(JAVA_INT, 0);
    }

    int debouncePeriodMicros() {
        return at.get(JAVA_INT, VALUES);
    }

    void outputValues(long values) {
        at.set(JAVA_INT, 0, GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES);
        at.set(JAVA_LONG, VALUES, values);
    }

    void debouncePeriodMicros(int period) {
        at.set(JAVA_INT, 0, GPIO_V2_LINE_ATTR_ID_DEBOUNCE);
        at.set(JAVA_INT, VALUES, period);
    }
}
