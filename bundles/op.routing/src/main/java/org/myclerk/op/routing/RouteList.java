package org.myclerk.op.routing;

import java.util.List;
import java.util.Optional;

import org.myclerk.api.payload.Size;

/**
 * Routes from devices that the caller may see, in the order in which they were made.
 *
 * @param next what to ask for to get those that follow; left out if none do
 */
public record RouteList(@Size(max = MOST) List<Route> routes, Optional<Long> next) {

    /** As many as come in one answer. */
    public static final int MOST = 200;
}
