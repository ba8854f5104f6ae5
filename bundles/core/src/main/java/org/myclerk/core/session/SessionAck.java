package org.myclerk.core.session;

import java.util.List;
import java.util.Optional;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/**
 * SESSION_ACK (§7.2, profile §11).
 *
 * @param echo the initiator's nonce
 * @param pskId repeated if the responder has that key
 */
public record SessionAck(@Range(min = 1, max = 0xFFFF) int sessionId, @Size(min = 8, max = 8) Bytes nonce,
        @Range(max = 5) int selectedTier, @Range Optional<List<Long>> selectedCapabilities,
        @Size(min = 8, max = 8) Bytes echo, @Size(min = 8, max = 8) Optional<Bytes> pskId) {
}
