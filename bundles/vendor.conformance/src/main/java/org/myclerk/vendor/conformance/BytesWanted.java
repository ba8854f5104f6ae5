package org.myclerk.vendor.conformance;

import org.myclerk.api.payload.Range;

/** How many bytes are wanted. */
public record BytesWanted(@Range(max = 1_048_576) int n) {
}
