package org.myclerk.op.routing;

import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Size;

/** A right that is taken back. */
public record AclRevocation(@Device @Size(min = 1, max = 128) @Help("the device's id") String device,
        AclSubject from) {
}
