package org.myclerk.op.i2c;

import org.myclerk.api.payload.Range;

/** A byte that was read. */
public record ByteValue(@Range(max = 0xFF) int value) {
}
