package org.myclerk.core.crypto;

import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.myclerk.api.payload.Bytes;

/**
 * An Ed25519 public key (RFC 8032) for many signatures: which point it is, a seventh of what a verification
 * costs, is found out once. Thread-safe.
 */
public final class VerifyingKey {

    private final Bytes encoded;
    private Ed25519.PublicPoint point;
    private volatile boolean decoded;

    /** @param encoded 32 bytes; nothing verifies under others */
    public VerifyingKey(Bytes encoded) {
        this.encoded = encoded;
    }

    /** As received. */
    public Bytes encoded() {
        return encoded;
    }

    /** Verifies strictly: S below the group order, canonical points; a wrong length is no signature. */
    public boolean verifies(byte[] message, byte[] signature) {
        if (!decoded) {
            point = encoded.length() == Crypto.KEY ? Ed25519.validatePublicKeyPartialExport(encoded.toArray(),
                    0) : null;
            decoded = true;
        }
        return point != null && signature.length == Crypto.SIGNATURE
                && Ed25519.verify(signature, 0, point, message, 0, message.length);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof VerifyingKey that && encoded.equals(that.encoded);
    }

    @Override
    public int hashCode() {
        return encoded.hashCode();
    }

    @Override
    public String toString() {
        return encoded.toString();
    }
}
