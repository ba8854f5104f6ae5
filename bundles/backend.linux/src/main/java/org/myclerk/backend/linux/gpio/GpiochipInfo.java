package org.myclerk.backend.linux.gpio;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

import org.myclerk.backend.linux.kernel.Ioctl;
import org.myclerk.backend.linux.kernel.Text;

/** {@code struct gpiochip_info} of linux/gpio.h. */
record GpiochipInfo(MemorySegment at) {

    static final StructLayout LAYOUT = MemoryLayout.structLayout(
            MemoryLayout.sequenceLayout(32, JAVA_BYTE).withName("name"),
            MemoryLayout.sequenceLayout(32, JAVA_BYTE).withName("label"),
            JAVA_INT.withName("lines")).withName("gpiochip_info");

    static final long GPIO_GET_CHIPINFO_IOCTL = Ioctl.read(0xB4, 0x01, LAYOUT);

    private static final long LABEL = LAYOUT.byteOffset(groupElement("label"));
    private static final long LINES = LAYOUT.byteOffset(groupElement("lines"));

    static GpiochipInfo in(Arena arena) {
        return new GpiochipInfo(arena.allocate(LAYOUT));
    }

    String name() {
        return Text.get(at.asSlice(0, 32));
    }

    String label() {
        return Text.get(at.asSlice(LABEL, 32));
    }

    int lines() {
        return at.get(JAVA_INT, LINES);
    }
}
