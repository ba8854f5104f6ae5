package org.myclerk.op.routing;

import org.myclerk.api.payload.Bytes;

/**
 * A route from a device to a client.
 *
 * @param number counts up as routes are made
 * @param client node id, 16 bytes
 * @param clientName its name when the route was made
 * @param by name of the node that made it
 */
public record Route(long number, String device, Bytes client, String clientName, int priority,
        RouteState state, String by) {
}
