package org.myclerk.vendor.conformance;

import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Range;

/** How long the answer is held back. */
public record Pause(@Range(max = 600_000) @Help("milliseconds") int ms) {
}
