package org.myclerk.op.routing;

import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Size;

/**
 * Turns a route to another client, in one step; its priority stays.
 *
 * @param client to whom it goes now: name or node id
 * @param to the client to whom it is to go: name or node id
 */
public record RouteChange(@Device @Size(min = 1, max = 128) @Help("the device's id") String device,
        @Size(min = 1, max = 64) @Help("client to whom it goes now") String client,
        @Size(min = 1, max = 64) @Help("client to whom it is to go") String to) {
}
