package org.myclerk.core.session;

import java.util.List;
import java.util.Optional;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/**
 * SESSION_INIT (§7.1, profile §11).
 *
 * @param timestamp Unix seconds
 * @param profile 1
 * @param deviceId read and ignored: identities travel encrypted only
 */
public record SessionInit(@Size(min = 8, max = 8) Bytes nonce, @Range long timestamp,
        @Range Optional<List<Long>> capabilities, @Range long profile, @Size(min = 8,
        max = 8) Optional<Bytes> pskId,
        @Size(min = 16, max = 16) Optional<Bytes> deviceId) {
}
