package org.myclerk.op.spi;

import java.util.List;

import org.myclerk.api.payload.Bytes;

/** What came in, for each segment. */
public record Received(List<Bytes> received) {
}
