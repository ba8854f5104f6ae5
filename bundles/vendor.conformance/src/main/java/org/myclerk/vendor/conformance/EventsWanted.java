package org.myclerk.vendor.conformance;

import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Range;

/** How many events are wanted, and the pause between two of them. */
public record EventsWanted(@Range(max = 1_000_000) int n,
        @Range(max = 60_000) @Help("milliseconds") int everyMs) {
}
