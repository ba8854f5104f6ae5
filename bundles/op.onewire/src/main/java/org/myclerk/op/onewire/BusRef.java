package org.myclerk.op.onewire;

import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Size;

/** Names a bus. */
public record BusRef(@Device @Size(min = 1, max = 128) @Help("id of the bus, as listed") String bus) {
}
