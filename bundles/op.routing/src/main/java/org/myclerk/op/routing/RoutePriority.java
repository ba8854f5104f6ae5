package org.myclerk.op.routing;

import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/**
 * Sets the priority of a route.
 *
 * @param client its name, its node id in hexadecimal, or the first digits of that
 * @param priority the highest wins
 */
public record RoutePriority(@Device @Size(min = 1, max = 128) @Help("the device's id") String device,
        @Size(min = 1, max = 64) @Help("name of the client, or its node id") String client,
        @Range(max = NewRoute.MOST_PRIORITY) @Help("the highest wins") int priority) {
}
