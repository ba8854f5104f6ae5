package org.myclerk.core.frame;

import java.security.DigestException;
import java.security.MessageDigest;
import java.util.Arrays;

import org.myclerk.core.crypto.Crypto;

/**
 * HMAC-SHA256 under one key, from cloned midstates: for short frames that is much cheaper than a Mac. Not thread-safe.
 */
final class Hmac {

    private static final int BLOCK = 64;

    private MessageDigest inner;
    private MessageDigest outer;
    private final byte[] digest = new byte[Crypto.HASH];

    /** @param key at most 64 bytes */
    Hmac(byte[] key) {
        inner = midstate(key, 0x36);
        outer = midstate(key, 0x5C);
    }

    private static MessageDigest midstate(byte[] key, int pad) {
        byte[] block = Arrays.copyOf(key, BLOCK);
        for (int i = 0; i < BLOCK; i++) {
            block[i] ^= (byte) pad;
        }
        MessageDigest state = Crypto.newSha256();
        state.update(block);
        Arrays.fill(block, (byte) 0);
        return state;
    }

    /** 32 bytes, valid until the next call. */
    byte[] of(byte[] array, int offset, int length) {
        try {
            MessageDigest hash = (MessageDigest) inner.clone();
            hash.update(array, offset, length);
            hash.digest(digest, 0, digest.length);
            hash = (MessageDigest) outer.clone();
            hash.update(digest);
            hash.digest(digest, 0, digest.length);
            return digest;
        } catch (CloneNotSupportedException | DigestException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Whether the bytes at {@code at} are the beginning of the HMAC; constant time. */
    boolean matches(byte[] array, int offset, int length, int at, int size) {
        byte[] expected = of(array, offset, length);
        int difference = 0;
        for (int i = 0; i < size; i++) {
            difference |= expected[i] ^ array[at + i];
        }
        return difference == 0;
    }

    void erase() {
        inner = null;
        outer = null;
    }
}
