package org.myclerk.op.routing;

import java.util.Optional;

import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/**
 * Which routes to list.
 *
 * @param device only those from it
 * @param after go on behind the route of this number; left out for the first page
 */
public record RouteQuery(@Size(min = 1,
        max = 128) @Help("only routes from this device") Optional<String> device,
        @Range @Help("go on behind the route of this number") Optional<Long> after) {
}
