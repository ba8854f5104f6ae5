package org.myclerk.backend.linux.spi;

import java.nio.file.Path;

import org.myclerk.backend.linux.kernel.KernelException;
import org.myclerk.backend.linux.kernel.KernelFile;
import org.myclerk.backend.linux.kernel.Sysfs;
import org.myclerk.device.spi.OpenSpiDevice;
import org.myclerk.device.spi.SpiDevice;
import org.myclerk.device.spi.SpiSettings;

/** A spidev file of the machine. */
final class LinuxSpiDevice implements SpiDevice {

    private static final Path BUFFER_SIZE = Path.of("/sys/module/spidev/parameters/bufsiz");
    private static final int USUAL_BUFFER_SIZE = 4096;

    private final Path file;
    private final int bus;
    private final int chipSelect;

    /** @param file {@code /dev/spidev0.1} */
    LinuxSpiDevice(Path file, int bus, int chipSelect) {
        this.file = file;
        this.bus = bus;
        this.chipSelect = chipSelect;
    }

    @Override
    public int bus() {
        return bus;
    }

    @Override
    public int chipSelect() {
        return chipSelect;
    }

    @Override
    public int bufferSize() {
        String size = Sysfs.readOrEmpty(BUFFER_SIZE);
        return size.isEmpty() ? USUAL_BUFFER_SIZE : Integer.parseInt(size);
    }

    @Override
    public SpiSettings settings() throws KernelException {
        try (KernelFile device = KernelFile.open(file, KernelFile.O_RDWR)) {
            return Spidev.settings(device);
        }
    }

    @Override
    public OpenSpiDevice open(SpiSettings settings) throws KernelException {
        KernelFile device = KernelFile.open(file, KernelFile.O_RDWR);
        try {
            return new LinuxOpenSpiDevice(device, settings);
        } catch (KernelException e) {
            device.close();
            throw e;
        }
    }
}
