package org.myclerk.op.can;

import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Size;

/** Names a CAN interface. */
public record ChannelRef(@Device @Size(min = 1,
        max = 128) @Help("id of the interface, as listed") String channel) {
}
