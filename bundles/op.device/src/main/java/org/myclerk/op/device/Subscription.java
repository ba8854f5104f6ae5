package org.myclerk.op.device;

import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Range;

/** Names a subscription of the session. */
public record Subscription(@Range(min = 1) @Help("its number") long subscription) {
}
