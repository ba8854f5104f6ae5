package org.myclerk.op.device;

import java.util.List;

import org.myclerk.api.device.DeviceEvent;

/**
 * What a subscription brings.
 *
 * @param subscription its number, for DEVICE_UNSUBSCRIBE
 * @param events in order; those of kind {@code present} are the list it begins with
 * @param live whether that list is complete and everything further happened since
 */
public record DeviceNews(long subscription, List<DeviceEvent> events, boolean live) {
}
