package org.myclerk.op.routing;

import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Size;

/** Names the device whose access control is meant; it need not be plugged in. */
public record AclRef(@Device @Size(min = 1, max = 128) @Help("the device's id") String device) {
}
