package org.myclerk.device.gpio;

import org.myclerk.device.DeviceException;
import org.osgi.annotation.versioning.ConsumerType;

/** A GPIO chip; the driver object of a device of kind {@code gpio}. Thread-safe. */
@ConsumerType
public interface GpioChip {

    /** The kernel's name: {@code gpiochip0}. */
    String name();

    /** What the chip's driver calls it: {@code pinctrl-bcm2711}. */
    String label();

    /**
     * Whether lines are requested, set and read within microseconds, without a wait: those of the processor,
     * not those behind I2C, SPI or USB.
     */
    default boolean immediate() {
        return false;
    }

    /** How many lines it has; they are numbered from 0. */
    int lines();

    /** How a line is set up, and who uses it. */
    GpioLineInfo info(int line) throws DeviceException;

    /**
     * Takes lines for this process alone, all of them or none.
     *
     * @throws DeviceException also if one is in use, naming its consumer
     */
    GpioLines request(GpioRequest request) throws DeviceException;
}
