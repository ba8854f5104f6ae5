package org.myclerk.op.onewire;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Size;

/** Bytes that were read; none if none were asked for. */
public record Data(@Size(max = 1000) Bytes data) {
}
