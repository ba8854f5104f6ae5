package org.myclerk.backend.linux.i2c;

import java.nio.file.Path;
import java.util.Locale;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.myclerk.backend.linux.kernel.CHeaders;
import org.myclerk.device.i2c.I2cFunction;
import org.myclerk.device.i2c.SmbusCommand;
import org.myclerk.device.i2c.SmbusCommand.Protocol;

@EnabledOnOs(OS.LINUX)
final class I2cLayoutTest {

    @Test
    void agreesWithTheHeaders(@TempDir Path folder) throws Exception {
        CHeaders headers = new CHeaders(folder, "linux/i2c.h", "linux/i2c-dev.h")
                .struct(I2cMsg.LAYOUT)
                .struct(I2cRdwrIoctlData.LAYOUT)
                .struct(I2cSmbusIoctlData.LAYOUT)
                .number("sizeof(union i2c_smbus_data)", I2cSmbusIoctlData.DATA_SIZE)
                .number("I2C_SMBUS_BLOCK_MAX", SmbusCommand.MAX_BLOCK)
                .number("I2C_M_RD", I2cMsg.I2C_M_RD)
                .number("I2C_M_TEN", I2cMsg.I2C_M_TEN)
                .number("I2C_RDWR", I2cRdwrIoctlData.I2C_RDWR)
                .number("I2C_SMBUS", I2cSmbusIoctlData.I2C_SMBUS)
                .number("I2C_SLAVE", LinuxI2cBus.I2C_SLAVE)
                .number("I2C_TENBIT", LinuxI2cBus.I2C_TENBIT)
                .number("I2C_FUNCS", LinuxI2cBus.I2C_FUNCS)
                .number("I2C_PEC", LinuxI2cBus.I2C_PEC);
        for (Protocol protocol : Protocol.values()) {
            headers.number("I2C_SMBUS_" + protocol, I2cSmbusIoctlData.size(protocol));
        }
        for (I2cFunction function : I2cFunction.values()) {
            headers.number(name(function), function.mask());
        }
        headers.check();
    }

    private static String name(I2cFunction function) {
        return switch (function) {
            case I2C -> "I2C_FUNC_I2C";
            case TEN_BIT_ADDRESSES -> "I2C_FUNC_10BIT_ADDR";
            default -> "I2C_FUNC_SMBUS_" + function.name().toUpperCase(Locale.ROOT);
        };
    }
}
