package org.myclerk.core.crypto;

/**
 * ChaCha20-Poly1305 (§4, RFC 8439) under one key. The nonce is the caller's: only the two halves of a
 * session, which own the counter, can promise that none comes twice under a key. Not thread-safe, but not
 * bound to a thread either.
 */
public interface NonceIsYoursAead {

    /**
     * Encrypts in place: the ciphertext takes the place of the plaintext, 16 bytes of tag follow.
     *
     * @param nonce 12 bytes
     * @throws IllegalStateException if it is that of the message sealed before
     */
    void seal(byte[] array, int associatedAt, int associated, int plaintextAt, int plaintext, byte[] nonce);

    /**
     * Decrypts ciphertext and tag into an array of its own.
     *
     * @param sealed bytes of ciphertext and tag, 16 at least
     * @param nonce 12 bytes
     * @param plaintext 16 bytes shorter than what is sealed, or longer
     * @return false if anything was altered; then what is in {@code plaintext} is nobody's to read
     */
    boolean open(byte[] array, int associatedAt, int associated, int sealedAt, int sealed, byte[] nonce,
            byte[] plaintext);

    /** Leaves nothing of the key in memory that the key's owner does not see; this is useless afterwards. */
    void erase();
}
