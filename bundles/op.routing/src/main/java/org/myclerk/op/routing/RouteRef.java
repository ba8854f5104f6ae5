package org.myclerk.op.routing;

import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Size;

/**
 * Names a route: there is at most one from a device to a client.
 *
 * @param client its name, its node id in hexadecimal, or the first digits of that
 */
public record RouteRef(@Device @Size(min = 1, max = 128) @Help("the device's id") String device,
        @Size(min = 1, max = 64) @Help("name of the client, or its node id") String client) {
}
