package org.myclerk.backend.linux.spi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

import org.myclerk.api.payload.Bytes;
import org.myclerk.backend.linux.kernel.Errno;
import org.myclerk.backend.linux.kernel.KernelException;
import org.myclerk.backend.linux.kernel.KernelFile;
import org.myclerk.device.spi.OpenSpiDevice;
import org.myclerk.device.spi.SpiSegment;
import org.myclerk.device.spi.SpiSettings;

/**
 * A spidev file in use. It gets back its settings when it is closed: the kernel keeps them with the device.
 */
final class LinuxOpenSpiDevice implements OpenSpiDevice {

    private final KernelFile file;
    private final SpiSettings before;
    private SpiSettings settings;
    private boolean closed;

    LinuxOpenSpiDevice(KernelFile file, SpiSettings wanted) throws KernelException {
        this.file = file;
        before = Spidev.settings(file);
        settings = before;
        configure(wanted);
    }

    @Override
    public synchronized SpiSettings settings() {
        return settings;
    }

    @Override
    public synchronized void configure(SpiSettings wanted) throws KernelException {
        try {
            Spidev.configure(file, wanted);
        } catch (KernelException e) {
            Spidev.configure(file, settings);
            throw e;
        }
        settings = Spidev.settings(file);
    }

    @Override
    public synchronized List<Bytes> transfer(List<SpiSegment> segments) throws KernelException {
        try (Arena arena = Arena.ofConfined()) {
            long size = SpiIocTransfer.LAYOUT.byteSize();
            MemorySegment structs = arena.allocate(SpiIocTransfer.LAYOUT, segments.size());
            List<MemorySegment> received = new ArrayList<>();
            int length = 0;
            for (int i = 0; i < segments.size(); i++) {
                SpiSegment segment = segments.get(i);
                MemorySegment out = segment.send().isEmpty() ? MemorySegment.NULL
                        : arena.allocateFrom(JAVA_BYTE, segment.send().toArray());
                MemorySegment in = arena.allocate(segment.length());
                new SpiIocTransfer(structs.asSlice(i * size, size)).fill(segment, out, in);
                received.add(in);
                length += segment.length();
            }
            int done = file.ioctl("transfer on", SpiIocTransfer.message(segments.size()), structs);
            if (done != length) {
                throw new KernelException("%s: %d of %d bytes were transferred".formatted(file.name(), done,
                        length),
                        Errno.EIO.number());
            }
            return received.stream().map(in -> Bytes.wrap(in.toArray(JAVA_BYTE))).toList();
        }
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            Spidev.configure(file, before);
        } catch (KernelException _) {
            // The device is gone.
        }
        file.close();
    }
}
