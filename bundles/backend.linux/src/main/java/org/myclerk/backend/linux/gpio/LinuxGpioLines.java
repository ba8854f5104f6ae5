package org.myclerk.backend.linux.gpio;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.myclerk.backend.linux.kernel.Errno;
import org.myclerk.backend.linux.kernel.KernelException;
import org.myclerk.backend.linux.kernel.KernelFile;
import org.myclerk.device.gpio.GpioEdge;
import org.myclerk.device.gpio.GpioLines;
import org.myclerk.device.gpio.GpioRequest;
import org.myclerk.device.gpio.GpioSettings;

/** Lines that the kernel granted. */
final class LinuxGpioLines implements GpioLines {

    private static final int EDGES_AT_ONCE = 64;

    private final KernelFile file;
    private final GpioRequest request;

    LinuxGpioLines(KernelFile file, GpioRequest request) {
        this.file = file;
        this.request = request;
    }

    @Override
    public GpioRequest request() {
        return request;
    }

    @Override
    public long get(long mask) throws KernelException {
        try (Arena arena = Arena.ofConfined()) {
            GpioV2LineValues values = GpioV2LineValues.in(arena, mask, 0);
            file.ioctl("read", GpioV2LineValues.GPIO_V2_LINE_GET_VALUES_IOCTL, values.at());
            return values.bits() & mask;
        }
    }

    @Override
    public void set(long mask, long values) throws KernelException {
        try (Arena arena = Arena.ofConfined()) {
            file.ioctl("set", GpioV2LineValues.GPIO_V2_LINE_SET_VALUES_IOCTL,
                    GpioV2LineValues.in(arena, mask, values).at());
        }
    }

    @Override
    public void configure(GpioSettings settings, long values) throws KernelException {
        try (Arena arena = Arena.ofConfined()) {
            GpioV2LineConfig config = GpioV2LineConfig.in(arena);
            config.fill(settings, request.lines().size(), values);
            file.ioctl("set up", GpioV2LineConfig.GPIO_V2_LINE_SET_CONFIG_IOCTL, config.at());
        }
    }

    @Override
    public List<GpioEdge> edges(Duration timeout) throws KernelException {
        short ready = file.poll(KernelFile.POLLIN, timeout);
        if ((ready & (KernelFile.POLLERR | KernelFile.POLLHUP)) != 0) {
            throw new KernelException("cannot wait for edges on " + file.name(), Errno.ENODEV.number());
        }
        if (ready == 0) {
            return List.of();
        }
        long size = GpioV2LineEvent.LAYOUT.byteSize();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment events = arena.allocate(GpioV2LineEvent.LAYOUT, EDGES_AT_ONCE);
            int length = file.read(events);
            List<GpioEdge> edges = new ArrayList<>();
            for (long at = 0; at + size <= length; at += size) {
                edges.add(new GpioV2LineEvent(events.asSlice(at, size)).value());
            }
            return edges;
        }
    }

    @Override
    public void close() {
        file.close();
    }
}
