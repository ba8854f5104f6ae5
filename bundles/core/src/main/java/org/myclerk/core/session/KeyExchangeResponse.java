package org.myclerk.core.session;

import java.util.Optional;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Size;

/**
 * KEY_EXCHANGE_RESPONSE (profile §11).
 *
 * @param cert the responder's certificate
 * @param sig over the transcript and the certificate
 * @param crl a revocation list
 */
public record KeyExchangeResponse(Bytes cert, @Size(min = 64, max = 64) Bytes sig, Optional<Bytes> crl) {
}
