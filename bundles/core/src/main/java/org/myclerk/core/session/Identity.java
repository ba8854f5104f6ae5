package org.myclerk.core.session;

import java.util.Set;

import org.myclerk.api.payload.Bytes;
import org.myclerk.core.crypto.VerifyingKey;

/**
 * Who is at the other end, proven by a certificate (profile §10).
 *
 * @param node 16 bytes; empty for a node in pairing
 * @param name the certificate's name, or the node id in hexadecimal
 * @param roles as certified and allowed for that family
 * @param family 16 bytes; empty for a node in pairing
 * @param serial of the certificate
 * @param expires Unix seconds
 * @param key proven to be its own
 * @param certificate as received, empty for a node in pairing
 */
public record Identity(Bytes node, String name, Set<String> roles, Bytes family, long serial, long expires,
        VerifyingKey key, Bytes certificate) {
}
