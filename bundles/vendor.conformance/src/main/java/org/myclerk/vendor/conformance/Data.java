package org.myclerk.vendor.conformance;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Size;

/** As many bytes as were wanted; the byte at position p is p modulo 256. */
public record Data(@Size(max = 1_048_576) Bytes data) {
}
