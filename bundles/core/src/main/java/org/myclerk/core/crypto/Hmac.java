package org.myclerk.core.crypto;

import java.security.DigestException;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * HMAC-SHA256 (RFC 2104) under one key, which is all that is kept: a session has two of these, and most sessions idle.
 * Thread-safe as long as the key is there.
 */
public final class Hmac {

    private static final int BLOCK = 64;
    private static final byte INNER = 0x36;
    private static final byte OUTER = 0x5C;

    private final byte[] key;

    /** @param key borrowed, if it has no more than 64 bytes; once it is erased this is useless */
    public Hmac(byte[] key) {
        this.key = key.length > BLOCK ? Crypto.sha256(key) : key;
    }

    /** 32 bytes. */
    public byte[] of(byte[] array, int offset, int length) {
        byte[] block = Arrays.copyOf(key, BLOCK);
        MessageDigest hash = begun(block);
        hash.update(array, offset, length);
        return end(hash, block);
    }

    /** Over the parts one after another: 32 bytes. */
    byte[] of(byte[]... parts) {
        byte[] block = Arrays.copyOf(key, BLOCK);
        MessageDigest hash = begun(block);
        for (byte[] part : parts) {
            hash.update(part);
        }
        return end(hash, block);
    }

    private static MessageDigest begun(byte[] block) {
        pad(block, INNER);
        MessageDigest hash = Crypto.newSha256();
        hash.update(block);
        return hash;
    }

    private static byte[] end(MessageDigest hash, byte[] block) {
        byte[] digest = hash.digest();
        pad(block, (byte) (INNER ^ OUTER));
        hash.update(block);
        hash.update(digest);
        Arrays.fill(block, (byte) 0);
        try {
            hash.digest(digest, 0, digest.length);
        } catch (DigestException impossible) {
            throw new IllegalStateException(impossible);
        }
        return digest;
    }

    private static void pad(byte[] block, byte pad) {
        for (int i = 0; i < BLOCK; i++) {
            block[i] ^= pad;
        }
    }

    /** Whether the bytes at {@code at} are the beginning of the HMAC; constant time. */
    public boolean matches(byte[] array, int offset, int length, int at, int size) {
        byte[] expected = of(array, offset, length);
        int difference = 0;
        for (int i = 0; i < size; i++) {
            difference |= expected[i] ^ array[at + i];
        }
        return difference == 0;
    }
}
