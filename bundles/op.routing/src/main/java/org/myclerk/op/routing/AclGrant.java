package org.myclerk.op.routing;

import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Size;

/** A right on a device, in place of the one that subject had on it. */
public record AclGrant(@Device @Size(min = 1, max = 128) @Help("the device's id") String device,
        AclEntry entry) {
}
