package org.myclerk.vendor.node;

import org.myclerk.api.payload.Size;

/** Names a table of operations, such as {@code gpio}. */
public record TableName(@Size(min = 1, max = 32) String table) {
}
