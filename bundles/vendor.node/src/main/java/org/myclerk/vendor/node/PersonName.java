package org.myclerk.vendor.node;

import org.myclerk.api.payload.Size;

/** Names a person. */
public record PersonName(@Size(min = 1, max = 64) String name) {
}
