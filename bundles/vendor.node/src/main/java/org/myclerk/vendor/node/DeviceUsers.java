package org.myclerk.vendor.node;

import java.util.List;
import java.util.Optional;

import org.myclerk.api.device.DeviceView;

/**
 * Who may use a device.
 *
 * @param device empty if it is not plugged in
 * @param nodes those known here that may use it now
 */
public record DeviceUsers(Optional<DeviceView> device, List<Share> shares, List<NodeRight> nodes) {
}
