package org.myclerk.device.gpio;

import java.time.Duration;
import java.util.List;

import org.myclerk.device.DeviceException;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Lines that were taken. Bit n of a number stands for the line at position n of the request; set is active.
 * Thread-safe: one thread may wait for edges while others set and close. Every method fails once the chip is
 * gone or it is closed.
 */
@ConsumerType
public interface GpioLines extends AutoCloseable {

    GpioRequest request();

    /** The values of the lines in the mask, at one moment if the chip can. */
    long get(long mask) throws DeviceException;

    /** Sets the outputs in the mask, at one moment if the chip can. */
    void set(long mask, long values) throws DeviceException;

    /** Sets all lines up anew; outputs get these values. */
    void configure(GpioSettings settings, long values) throws DeviceException;

    /**
     * Waits for edges that were not told yet, in their order. It may block its thread in the kernel, so that
     * it is called on a platform thread; {@link #close} ends it with an exception.
     *
     * @return at least one, or none after the timeout
     */
    List<GpioEdge> edges(Duration timeout) throws DeviceException;

    /** Gives the lines back; what level an output then has is up to the chip. Closing twice is harmless. */
    @Override
    void close();
}
