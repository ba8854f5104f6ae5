package org.myclerk.op.spi;

import org.myclerk.api.payload.Bytes;

/** Bytes that came in. */
public record SpiData(Bytes data) {
}
