package org.myclerk.api.device;

import org.osgi.annotation.versioning.ProviderType;

/** Where a {@link DeviceSource} reports. Thread-safe; nothing in it waits for a user of a device. */
@ProviderType
public interface DeviceSink {

    /** A device is there; one with the same id is replaced. */
    void appeared(Device device);

    /** A device is gone; its leases end with {@link Lease.End#VANISHED}. */
    void vanished(String id);
}
