package org.myclerk.core.session;

import java.util.List;
import java.util.Optional;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/**
 * SESSION_RESUMED (profile §12).
 *
 * @param echo the initiator's nonce
 */
public record SessionResumed(@Range(min = 1, max = 0xFFFF) int sessionId, @Size(min = 8, max = 8) Bytes nonce,
        @Range(max = 5) int selectedTier, @Range Optional<List<Long>> selectedCapabilities,
        @Size(min = 8, max = 8) Bytes echo) {
}
