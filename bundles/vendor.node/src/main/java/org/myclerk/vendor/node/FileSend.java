package org.myclerk.vendor.node;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/**
 * A piece of a file, in order; {@code digest} is the SHA-256 of the whole. A piece at 0 begins anew.
 */
public record FileSend(@Size(min = 32, max = 32) Bytes digest, @Size(min = 1, max = 128) String name,
        @Range(min = 1) long size, @Range(min = 0) long offset, @Size(max = 262_144) Bytes data) {
}
