package org.myclerk.vendor.node;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Size;

/** Names a session by its 16-byte uid. */
public record SessionRef(@Size(min = 16, max = 16) Bytes session) {
}
