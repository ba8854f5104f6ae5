package org.myclerk.backend.linux.gpio;

import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.myclerk.backend.linux.kernel.CHeaders;

@EnabledOnOs(OS.LINUX)
final class GpioLayoutTest {

    @Test
    void agreesWithTheHeader(@TempDir Path folder) throws Exception {
        new CHeaders(folder, "linux/gpio.h")
                .struct(GpiochipInfo.LAYOUT)
                .struct(GpioV2LineAttribute.LAYOUT)
                .struct(GpioV2LineConfig.ATTRIBUTE)
                .struct(GpioV2LineConfig.LAYOUT)
                .struct(GpioV2LineRequest.LAYOUT)
                .struct(GpioV2LineInfo.LAYOUT)
                .struct(GpioV2LineValues.LAYOUT)
                .struct(GpioV2LineEvent.LAYOUT)
                .number("GPIO_GET_CHIPINFO_IOCTL", GpiochipInfo.GPIO_GET_CHIPINFO_IOCTL)
                .number("GPIO_V2_GET_LINEINFO_IOCTL", GpioV2LineInfo.GPIO_V2_GET_LINEINFO_IOCTL)
                .number("GPIO_V2_GET_LINE_IOCTL", GpioV2LineRequest.GPIO_V2_GET_LINE_IOCTL)
                .number("GPIO_V2_LINE_SET_CONFIG_IOCTL", GpioV2LineConfig.GPIO_V2_LINE_SET_CONFIG_IOCTL)
                .number("GPIO_V2_LINE_GET_VALUES_IOCTL", GpioV2LineValues.GPIO_V2_LINE_GET_VALUES_IOCTL)
                .number("GPIO_V2_LINE_SET_VALUES_IOCTL", GpioV2LineValues.GPIO_V2_LINE_SET_VALUES_IOCTL)
                .number("GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES",
                        GpioV2LineAttribute.GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES)
                .number("GPIO_V2_LINE_ATTR_ID_DEBOUNCE", GpioV2LineAttribute.GPIO_V2_LINE_ATTR_ID_DEBOUNCE)
                .number("GPIO_V2_LINE_EVENT_RISING_EDGE", GpioV2LineEvent.GPIO_V2_LINE_EVENT_RISING_EDGE)
                .number("GPIO_V2_LINE_FLAG_USED", LineFlags.USED)
                .number("GPIO_V2_LINE_FLAG_ACTIVE_LOW", LineFlags.ACTIVE_LOW)
                .number("GPIO_V2_LINE_FLAG_INPUT", LineFlags.INPUT)
                .number("GPIO_V2_LINE_FLAG_OUTPUT", LineFlags.OUTPUT)
                .number("GPIO_V2_LINE_FLAG_EDGE_RISING", LineFlags.EDGE_RISING)
                .number("GPIO_V2_LINE_FLAG_EDGE_FALLING", LineFlags.EDGE_FALLING)
                .number("GPIO_V2_LINE_FLAG_OPEN_DRAIN", LineFlags.OPEN_DRAIN)
                .number("GPIO_V2_LINE_FLAG_OPEN_SOURCE", LineFlags.OPEN_SOURCE)
                .number("GPIO_V2_LINE_FLAG_BIAS_PULL_UP", LineFlags.BIAS_PULL_UP)
                .number("GPIO_V2_LINE_FLAG_BIAS_PULL_DOWN", LineFlags.BIAS_PULL_DOWN)
                .number("GPIO_V2_LINE_FLAG_BIAS_DISABLED", LineFlags.BIAS_DISABLED)
                .number("GPIO_V2_LINE_FLAG_EVENT_CLOCK_REALTIME", LineFlags.EVENT_CLOCK_REALTIME)
                .check();
    }
}
