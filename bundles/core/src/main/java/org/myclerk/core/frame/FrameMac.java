package org.myclerk.core.frame;

import java.security.DigestException;
import java.security.MessageDigest;
import java.util.Arrays;

import org.myclerk.core.crypto.Crypto;

/**
 * HMAC-SHA256 under one key, over one range at a time: the hash states after the key's blocks are kept and cloned,
 * which costs less than starting anew (RFC 2104 §4).
 */
final class FrameMac {

    private static final int BLOCK = 64;

    private final MessageDigest inner = Crypto.newSha256();
    private final MessageDigest outer = Crypto.newSha256();

    /** @param key up to 64 bytes; not kept */
    FrameMac(byte[] key) {
        byte[] block = Arrays.copyOf(key, BLOCK);
        for (int i = 0; i < BLOCK; i++) {
            block[i] ^= 0x36;
        }
        inner.update(block);
        for (int i = 0; i < BLOCK; i++) {
            block[i] ^= 0x36 ^ 0x5C;
        }
        outer.update(block);
        Arrays.fill(block, (byte) 0);
    }

    /** Writes the 32 bytes of the code over a range to the start of {@code code}. Threads may share this. */
    void compute(byte[] array, int offset, int length, byte[] code) {
        try {
            MessageDigest digest = (MessageDigest) inner.clone();
            digest.update(array, offset, length);
            digest.digest(code, 0, Crypto.HASH);
            digest = (MessageDigest) outer.clone();
            digest.update(code, 0, Crypto.HASH);
            digest.digest(code, 0, Crypto.HASH);
        } catch (CloneNotSupportedException | DigestException impossible) {
            throw new IllegalStateException("SHA-256 of this JDK cannot be cloned", impossible);
        }
    }

    /** Forgets the key. */
    void erase() {
        inner.reset();
        outer.reset();
    }
}
