package org.myclerk.core.session;

import java.util.Optional;

import org.myclerk.api.payload.Bytes;

/** What this node proves itself with. Thread-safe. */
public interface Credentials {

    /** 16 bytes; empty while it has no certificate (pairing). */
    Bytes node();

    /** Ed25519 public key, 32 bytes. */
    Bytes publicKey();

    /** The certificate in force, or empty while there is none (pairing). */
    Optional<Bytes> certificate();

    /** {@code Sign(sk, label, message)} of profile §10: 64 bytes. */
    byte[] sign(String label, byte[] message);

    /** The newest revocation list this node has, to travel with the handshake. */
    Optional<Bytes> revocations();
}
