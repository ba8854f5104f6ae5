package org.myclerk.op.i2c;

import java.util.Optional;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/**
 * What a command brought back.
 *
 * @param value a byte or a word
 * @param data a block
 */
public record SmbusAnswer(@Range(max = 0xFFFF) Optional<Integer> value,
        @Size(max = 32) Optional<Bytes> data) {
}
