package org.myclerk.op.spi;

import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Size;

/** Names a device. */
public record DeviceRef(@Device @Size(min = 1,
        max = 128) @Help("id of the device, as listed") String device) {
}
