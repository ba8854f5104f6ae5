package org.myclerk.core.session;

import java.util.List;
import java.util.Optional;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/**
 * SESSION_RESUME (§7.3, profile §12).
 *
 * @param timestamp Unix seconds
 * @param tier wanted
 * @param binder proves the ticket's secret; must be the last entry of the map
 */
public record SessionResume(@Range(max = 0xFFFF) int oldSessionId, @Size(min = 64, max = 64) Bytes ticket,
        @Size(min = 12, max = 12) Bytes ticketIv, @Size(min = 16, max = 16) Bytes ticketTag,
        @Size(min = 8, max = 8) Bytes nonce, @Range long timestamp, @Range(min = 3, max = 5) int tier,
        @Range Optional<List<Long>> capabilities, @Size(min = 32, max = 32) Bytes binder) {
}
