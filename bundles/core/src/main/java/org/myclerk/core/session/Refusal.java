package org.myclerk.core.session;

import java.util.Optional;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Size;

/**
 * What a refusing SESSION_ACK or SESSION_RESUMED carries beside its status (profile §11, §12).
 *
 * @param echo the initiator's nonce, if it could be read
 */
public record Refusal(@Size(min = 8, max = 8) Optional<Bytes> echo) {
}
