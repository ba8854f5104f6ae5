package org.myclerk.op.client;

import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Size;

/** Takes a device back from a client to which it was assigned. */
public record Unassignment(@Device @Size(min = 1, max = 128) @Help("the device's id") String device,
        @Size(min = 1, max = 64) @Help("name of the client, or its node id") String client) {
}
