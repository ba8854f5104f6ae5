package org.myclerk.backend.linux.spi;

import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.myclerk.backend.linux.kernel.CHeaders;

@EnabledOnOs(OS.LINUX)
final class SpiLayoutTest {

    @Test
    void agreesWithTheHeaders(@TempDir Path folder) throws Exception {
        new CHeaders(folder, "linux/spi/spidev.h")
                .struct(SpiIocTransfer.LAYOUT)
                .number("(unsigned) SPI_IOC_MESSAGE(3)", SpiIocTransfer.message(3))
                .number("(unsigned) SPI_IOC_RD_MODE32", Spidev.SPI_IOC_RD_MODE32)
                .number("(unsigned) SPI_IOC_WR_MODE32", Spidev.SPI_IOC_WR_MODE32)
                .number("(unsigned) SPI_IOC_RD_BITS_PER_WORD", Spidev.SPI_IOC_RD_BITS_PER_WORD)
                .number("(unsigned) SPI_IOC_WR_BITS_PER_WORD", Spidev.SPI_IOC_WR_BITS_PER_WORD)
                .number("(unsigned) SPI_IOC_RD_MAX_SPEED_HZ", Spidev.SPI_IOC_RD_MAX_SPEED_HZ)
                .number("(unsigned) SPI_IOC_WR_MAX_SPEED_HZ", Spidev.SPI_IOC_WR_MAX_SPEED_HZ)
                .number("SPI_MODE_3", Spidev.SPI_MODE_MASK)
                .number("SPI_CS_HIGH", Spidev.SPI_CS_HIGH)
                .number("SPI_LSB_FIRST", Spidev.SPI_LSB_FIRST)
                .number("SPI_3WIRE", Spidev.SPI_3WIRE)
                .number("SPI_LOOP", Spidev.SPI_LOOP)
                .number("SPI_NO_CS", Spidev.SPI_NO_CS)
                .check();
    }
}
