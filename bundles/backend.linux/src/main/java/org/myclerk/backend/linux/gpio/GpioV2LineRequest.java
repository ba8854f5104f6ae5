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
import org.myclerk.device.gpio.GpioRequest;

/** {@code struct gpio_v2_line_request} of linux/gpio.h. */
record GpioV2LineRequest(MemorySegment at) {

    static final int GPIO_V2_LINES_MAX = 64;

    static final StructLayout LAYOUT = MemoryLayout.structLayout(
            MemoryLayout.sequenceLayout(GPIO_V2_LINES_MAX, JAVA_INT).withName("offsets"),
            MemoryLayout.sequenceLayout(32, JAVA_BYTE).withName("consumer"),
            GpioV2LineConfig.LAYOUT.withName("config"),
            JAVA_INT.withName("num_lines"),
            JAVA_INT.withName("event_buffer_size"),
            MemoryLayout.sequenceLayout(5, JAVA_INT).withName("padding"),
            JAVA_INT.withName("fd")).withName("gpio_v2_line_request");

    static final long GPIO_V2_GET_LINE_IOCTL = Ioctl.readWrite(0xB4, 0x07, LAYOUT);

    /** The kernel keeps that many edges while nobody reads; it is the most it grants. */
    private static final int EVENT_BUFFER = 16 * GPIO_V2_LINES_MAX;

    private static final long CONSUMER = LAYOUT.byteOffset(groupElement("consumer"));
    private static final long CONFIG = LAYOUT.byteOffset(groupElement("config"));
    private static final long NUM_LINES = LAYOUT.byteOffset(groupElement("num_lines"));
    private static final long EVENT_BUFFER_SIZE = LAYOUT.byteOffset(groupElement("event_buffer_size"));
    private static final long FD = LAYOUT.byteOffset(groupElement("fd"));

    static GpioV2LineRequest in(Arena arena, GpioRequest request) {
        GpioV2LineRequest struct = new GpioV2LineRequest(arena.allocate(LAYOUT));
        MemorySegment at = struct.at;
        int lines = request.lines().size();
        for (int i = 0; i < lines; i++) {
            at.setAtIndex(JAVA_INT, i, request.lines().get(i));
        }
        Text.set(at.asSlice(CONSUMER, 32), request.consumer());
        new GpioV2LineConfig(at.asSlice(CONFIG, GpioV2LineConfig.LAYOUT.byteSize()))
                .fill(request.settings(), lines, request.values());
        at.set(JAVA_INT, NUM_LINES, lines);
        at.set(JAVA_INT, EVENT_BUFFER_SIZE, EVENT_BUFFER);
        return struct;
    }

    /** The descriptor that stands for the request, once it was granted. */
    int fd() {
        return at.get(JAVA_INT, FD);
    }
}
