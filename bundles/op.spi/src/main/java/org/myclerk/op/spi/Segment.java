package org.myclerk.op.spi;

import java.util.Optional;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/**
 * A part of a transfer.
 *
 * @param send what goes out; as many bytes come in
 * @param length instead of {@code send}: zeros go out
 * @param csChange whether chip select goes inactive after this segment, or stays active after the last
 * @param delayMicros how long to wait after it
 * @param speedHz if other than the device's
 * @param bitsPerWord if other than the device's
 */
public record Segment(@Size(min = 1, max = 1_000_000) Optional<Bytes> send,
        @Range(min = 1, max = 1_000_000) Optional<Integer> length, Optional<Boolean> csChange,
        @Range(max = 0xFFFF) Optional<Integer> delayMicros,
        @Range(min = 1, max = 0xFFFF_FFFFL) Optional<Long> speedHz,
        @Range(min = 1, max = 32) Optional<Integer> bitsPerWord) {
}
