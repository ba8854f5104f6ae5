package org.myclerk.vendor.node;

import org.myclerk.api.payload.Range;

/** A table and its range of codes. */
public record TableRange(String name, @Range(max = 0xFFFF) int first, @Range(max = 0xFFFF) int last,
        int rows) {
}
