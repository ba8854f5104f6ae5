package org.myclerk.op.i2c;

import java.util.Optional;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/**
 * A message of a transfer: it writes or reads.
 *
 * @param address of the target, if another than the transfer's
 * @param write what is written
 * @param read how many bytes are read
 */
public record Message(@Range(max = 0x3FF) Optional<Integer> address, @Size(max = 8192) Optional<Bytes> write,
        @Range(min = 1, max = 8192) Optional<Integer> read) {
}
