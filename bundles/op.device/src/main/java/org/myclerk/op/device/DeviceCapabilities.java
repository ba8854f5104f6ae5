package org.myclerk.op.device;

import java.util.List;

import org.myclerk.api.device.Setting;
import org.myclerk.api.payload.Fields;

/**
 * What a device can do.
 *
 * @param properties of its kind, by name
 * @param settings what DEVICE_CONFIGURE can set
 * @param values those in force, by the names of the settings
 */
public record DeviceCapabilities(String device, String kind, Fields properties, List<Setting> settings,
        Fields values) {
}
