package org.myclerk.op.routing;

import java.util.Optional;

import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/**
 * A route to be made.
 *
 * @param client its name, its node id in hexadecimal, or the first digits of that
 * @param priority the highest wins; 100 if left out
 */
public record NewRoute(@Device @Size(min = 1, max = 128) @Help("the device's id") String device,
        @Size(min = 1, max = 64) @Help("name of the client, or its node id") String client,
        @Range(max = MOST_PRIORITY) @Help("the highest wins, 100 if left out") Optional<Integer> priority) {

    /** The highest priority there is. */
    public static final int MOST_PRIORITY = 65_535;

    /** The priority of a route for which none is said. */
    public static final int USUAL_PRIORITY = 100;
}
