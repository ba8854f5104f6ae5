package org.myclerk.device.i2c;

import java.util.List;
import java.util.Set;

import org.myclerk.api.payload.Bytes;
import org.myclerk.device.DeviceException;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * An I2C bus; the driver object of a device of kind {@code i2c}. Thread-safe; transfers of several callers
 * take turns, and the messages of one transfer stay together.
 *
 * <p>An address that nobody acknowledges fails with NOT_FOUND, an arbitration that was lost with
 * SERVICE_UNAVAILABLE.
 */
@ConsumerType
public interface I2cBus {

    /** The kernel's number: 1 for {@code /dev/i2c-1}. */
    int number();

    /** What the adapter's driver calls it. */
    String adapter();

    /** What the adapter can do; the methods below are called only with that. */
    Set<I2cFunction> functions() throws DeviceException;

    /** What stands at an address. */
    enum Probe {
        /** Nobody acknowledges it. */
        NOBODY,
        /** Somebody answered. */
        ANSWERS,
        /** A driver of the kernel has it: it was left alone. */
        KERNEL
    }

    /**
     * Looks for a target at a 7-bit address by receiving a byte ({@link I2cFunction#READ_BYTE}), never by
     * writing.
     */
    Probe probe(int address) throws DeviceException;

    /**
     * One combined transfer: a start condition before each message, a stop after the last
     * ({@link I2cFunction#I2C}).
     *
     * @param messages 1..42
     * @return what was read, one for each reading message
     */
    List<Bytes> transfer(List<I2cMessage> messages) throws DeviceException;

    /**
     * One SMBus command.
     *
     * @return what came back; none if the command has no answer
     */
    Bytes smbus(SmbusCommand command) throws DeviceException;
}
