package org.myclerk.op.i2c;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Size;

/** Bytes that were read. */
public record BlockData(@Size(max = 8192) Bytes data) {
}
