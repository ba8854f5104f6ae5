package org.myclerk.device.gpio;

import org.myclerk.device.DeviceException;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A chip of pulse-width modulated outputs; the driver object of a device of kind {@code pwm}. Thread-safe.
 */
@ConsumerType
public interface PwmChip {

    /** The kernel's name: {@code pwmchip0}. */
    String name();

    /** How many channels it has; they are numbered from 0. */
    int channels();

    /**
     * Takes a channel for this process alone; it is off and keeps its settings.
     *
     * @throws DeviceException also if another program has it
     */
    PwmChannel request(int channel) throws DeviceException;
}
