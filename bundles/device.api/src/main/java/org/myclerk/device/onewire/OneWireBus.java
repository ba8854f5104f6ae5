package org.myclerk.device.onewire;

import java.util.List;

import org.myclerk.api.payload.Bytes;
import org.myclerk.device.DeviceException;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A 1-Wire bus with its master; the driver object of a device of kind {@code onewire}. Thread-safe: callers
 * take turns. Every method fails with the kernel's reason.
 */
@ConsumerType
public interface OneWireBus {

    /** Most bytes of one step. */
    int LONGEST = 1024;

    /** One thing done on the bus. */
    sealed interface Step {

        /** A reset pulse; the steps after it are left out if no device answers. */
        record Reset() implements Step {
        }

        /** @param data 1..{@value #LONGEST} bytes, least significant bit first */
        record Write(Bytes data) implements Step {
        }

        /** @param length 1..{@value #LONGEST} bytes */
        record Read(int length) implements Step {
        }
    }

    /**
     * What steps came to.
     *
     * @param present false if a reset was not answered
     * @param data of all the read steps, one after the other
     */
    record Outcome(boolean present, Bytes data) {
    }

    /**
     * The ROM codes of all devices, in the order found.
     *
     * @param alarmed only of those that tell an alarm (0xEC)
     * @throws DeviceException also if a code came damaged (CRC-8)
     */
    List<RomCode> search(boolean alarmed) throws DeviceException, InterruptedException;

    /** Does the steps in order, with nothing of others in between. */
    Outcome run(List<Step> steps) throws DeviceException, InterruptedException;

    /**
     * Keeps the system from using the bus by itself between the caller's steps, as far as it can, until it is
     * ended.
     */
    Quiet quiet() throws DeviceException;

    /** Ends the quiet. */
    interface Quiet extends AutoCloseable {

        @Override
        void close();
    }
}
