package org.myclerk.op.serial;

import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Size;

/** Names a port. */
public record PortRef(@Device @Size(min = 1, max = 128) @Help("id of the port, as listed") String port) {
}
