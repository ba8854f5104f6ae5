package org.myclerk.device.can;

import org.myclerk.device.DeviceException;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A CAN interface that is there; the driver object of a device of kind {@code can}. Thread-safe. Every method
 * fails with the kernel's reason.
 */
@ConsumerType
public interface CanInterface {

    CanStatus status() throws DeviceException;

    /**
     * Changes how the interface runs. One that is up is taken down for it if need be; whoever has it open
     * goes on afterwards. If a value is refused the ones before stay in force.
     *
     * @throws DeviceException also if the interface cannot do what is asked for, with what it can
     */
    void configure(CanSetup setup) throws DeviceException;

    /**
     * Begins to take part. Several may have an interface open.
     *
     * @param ownFrames whether what is sent through it is received as well, once it was on the bus
     * @throws DeviceException also if the interface is down
     */
    OpenCan open(boolean ownFrames) throws DeviceException;
}
