package org.myclerk.op.routing;

import java.util.List;

import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Size;

/** All the rights on a device, in place of those it had; none shares it with nobody. */
public record AclList(@Device @Size(min = 1, max = 128) @Help("the device's id") String device,
        @Size(max = 256) List<AclEntry> entries) {

    public AclList {
        entries = List.copyOf(entries);
    }
}
