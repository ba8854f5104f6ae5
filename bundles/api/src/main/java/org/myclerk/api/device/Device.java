package org.myclerk.api.device;

/**
 * A device that is plugged in, and the driver object behind it.
 *
 * @param driver implements the interface of its bus from {@code org.myclerk.device.*}
 */
public record Device(DeviceInfo info, Object driver) {
}
