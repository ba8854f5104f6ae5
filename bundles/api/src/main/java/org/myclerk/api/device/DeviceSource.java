package org.myclerk.api.device;

import org.osgi.annotation.versioning.ConsumerType;

/** A driver bundle's devices. Registered as a service; the device registry starts and stops it. */
@ConsumerType
public interface DeviceSource {

    /** Begins to tell the sink what is there, and what comes and goes. Returns soon. */
    void start(DeviceSink sink);

    /** Stops telling. Devices that are there count as vanished. */
    void stop();
}
