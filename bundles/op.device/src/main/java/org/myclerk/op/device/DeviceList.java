package org.myclerk.op.device;

import java.util.List;
import java.util.Optional;

import org.myclerk.api.device.DeviceView;

/**
 * Devices in the order of their ids.
 *
 * @param next {@code after} of the next page; empty on the last
 */
public record DeviceList(List<DeviceView> devices, Optional<String> next) {
}
