package org.myclerk.core.session;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Size;

/**
 * KEY_EXCHANGE_INIT (profile §11).
 *
 * @param ackHash the transcript up to SESSION_ACK
 */
public record KeyExchangeInit(@Size(min = 32, max = 32) Bytes ackHash) {
}
