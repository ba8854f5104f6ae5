package org.myclerk.backend.linux.spi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

import org.myclerk.backend.linux.kernel.Ioctl;
import org.myclerk.backend.linux.kernel.KernelException;
import org.myclerk.backend.linux.kernel.KernelFile;
import org.myclerk.device.spi.SpiSettings;

/** The settings of an open spidev file. */
final class Spidev {

    static final int SPI_MODE_MASK = 0x03;
    static final int SPI_CS_HIGH = 0x04;
    static final int SPI_LSB_FIRST = 0x08;
    static final int SPI_3WIRE = 0x10;
    static final int SPI_LOOP = 0x20;
    static final int SPI_NO_CS = 0x40;

    static final long SPI_IOC_RD_MODE32 = Ioctl.read('k', 5, JAVA_INT);
    static final long SPI_IOC_WR_MODE32 = Ioctl.write('k', 5, JAVA_INT);
    static final long SPI_IOC_RD_BITS_PER_WORD = Ioctl.read('k', 3, JAVA_BYTE);
    static final long SPI_IOC_WR_BITS_PER_WORD = Ioctl.write('k', 3, JAVA_BYTE);
    static final long SPI_IOC_RD_MAX_SPEED_HZ = Ioctl.read('k', 4, JAVA_INT);
    static final long SPI_IOC_WR_MAX_SPEED_HZ = Ioctl.write('k', 4, JAVA_INT);

    private Spidev() {
    }

    static SpiSettings settings(KernelFile file) throws KernelException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(JAVA_INT);
            file.ioctl("ask about", SPI_IOC_RD_MODE32, value);
            int mode = value.get(JAVA_INT, 0);
            file.ioctl("ask about", SPI_IOC_RD_MAX_SPEED_HZ, value);
            long speed = Integer.toUnsignedLong(value.get(JAVA_INT, 0));
            file.ioctl("ask about", SPI_IOC_RD_BITS_PER_WORD, value);
            int bits = Byte.toUnsignedInt(value.get(JAVA_BYTE, 0));
            return new SpiSettings(mode & SPI_MODE_MASK, Math.max(1, speed), bits == 0 ? 8 : bits,
                    has(mode, SPI_LSB_FIRST), has(mode, SPI_CS_HIGH), has(mode, SPI_NO_CS),
                    has(mode, SPI_3WIRE),
                    has(mode, SPI_LOOP));
        }
    }

    private static boolean has(int mode, int flag) {
        return (mode & flag) != 0;
    }

    static void configure(KernelFile file, SpiSettings settings) throws KernelException {
        int mode = settings.mode() | (settings.leastSignificantBitFirst() ? SPI_LSB_FIRST : 0)
                | (settings.chipSelectHigh() ? SPI_CS_HIGH : 0) | (settings.noChipSelect() ? SPI_NO_CS : 0)
                | (settings.threeWire() ? SPI_3WIRE : 0) | (settings.loop() ? SPI_LOOP : 0);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(JAVA_INT);
            value.set(JAVA_INT, 0, mode);
            file.ioctl("set mode 0x%x of".formatted(mode), SPI_IOC_WR_MODE32, value);
            value.set(JAVA_INT, 0, settings.bitsPerWord());
            file.ioctl("set %d bits a word of".formatted(settings.bitsPerWord()), SPI_IOC_WR_BITS_PER_WORD,
                    value);
            value.set(JAVA_INT, 0, (int) settings.speedHz());
            file.ioctl("set %d Hz of".formatted(settings.speedHz()), SPI_IOC_WR_MAX_SPEED_HZ, value);
        }
    }
}
