package org.myclerk.backend.linux.spi;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

import org.myclerk.backend.linux.kernel.Ioctl;
import org.myclerk.device.spi.SpiSegment;

/** {@code struct spi_ioc_transfer} of linux/spi/spidev.h. */
record SpiIocTransfer(MemorySegment at) {

    static final StructLayout LAYOUT = MemoryLayout.structLayout(
            JAVA_LONG.withName("tx_buf"),
            JAVA_LONG.withName("rx_buf"),
            JAVA_INT.withName("len"),
            JAVA_INT.withName("speed_hz"),
            JAVA_SHORT.withName("delay_usecs"),
            JAVA_BYTE.withName("bits_per_word"),
            JAVA_BYTE.withName("cs_change"),
            JAVA_BYTE.withName("tx_nbits"),
            JAVA_BYTE.withName("rx_nbits"),
            JAVA_BYTE.withName("word_delay_usecs"),
            JAVA_BYTE.withName("pad")).withName("spi_ioc_transfer");

    private static final long RX_BUF = LAYOUT.byteOffset(groupElement("rx_buf"));
    private static final long LEN = LAYOUT.byteOffset(groupElement("len"));
    private static final long SPEED_HZ = LAYOUT.byteOffset(groupElement("speed_hz"));
    private static final long DELAY_USECS = LAYOUT.byteOffset(groupElement("delay_usecs"));
    private static final long BITS_PER_WORD = LAYOUT.byteOffset(groupElement("bits_per_word"));
    private static final long CS_CHANGE = LAYOUT.byteOffset(groupElement("cs_change"));

    /** {@code SPI_IOC_MESSAGE(n)}. */
    static long message(int segments) {
        return Ioctl.write('k', 0, segments * LAYOUT.byteSize());
    }

    /**
     * @param out what goes out, {@link MemorySegment#NULL} for zeros
     * @param in where what comes in goes
     */
    void fill(SpiSegment segment, MemorySegment out, MemorySegment in) {
        at.set(JAVA_LONG, 0, out.address());
        at.set(JAVA_LONG, RX_BUF, in.address());
        at.set(JAVA_INT, LEN, segment.length());
        at.set(JAVA_INT, SPEED_HZ, (int) segment.speedHz());
        at.set(JAVA_SHORT, DELAY_USECS, (short) segment.delayMicros());
        at.set(JAVA_BYTE, BITS_PER_WORD, (byte) segment.bitsPerWord());
        at.set(JAVA_BYTE, CS_CHANGE, (byte) (segment.chipSelectChange() ? 1 : 0));
    }
}
