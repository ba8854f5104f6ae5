package org.myclerk.op.i2c;

import java.util.List;

import org.myclerk.api.payload.Bytes;

/** What was read, one for each reading message. */
public record TransferResult(List<Bytes> read) {
}
