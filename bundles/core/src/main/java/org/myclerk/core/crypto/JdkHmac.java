package org.myclerk.core.crypto;

import java.security.DigestException;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * HMAC-SHA256 on the JDK's SHA-256. The inner hash begins as a copy of one that has taken the key already,
 * and goes on as the outer one: as quick as copying both, for half of the memory.
 */
final class JdkHmac implements Hmac {

    private static final int BLOCK = 64;
    private static final byte INNER = 0x36;
    private static final byte OUTER = 0x5C;

    /** Only ever copied. */
    private MessageDigest inner;
    private final byte[] outer;

    JdkHmac(byte[] key) {
        outer = Arrays.copyOf(key.length > BLOCK ? Crypto.sha256(key) : key, BLOCK);
        pad(INNER);
        inner = Crypto.newSha256();
        inner.update(outer);
        pad((byte) (INNER ^ OUTER));
    }

    private void pad(byte pad) {
        for (int i = 0; i < BLOCK; i++) {
            outer[i] ^= pad;
        }
    }

    @Override
    public void of(byte[] array, int offset, int length, byte[] target, int at, int size) {
        MessageDigest hash = Crypto.copy(inner);
        hash.update(array, offset, length);
        System.arraycopy(end(hash), 0, target, at, size);
    }

    /** Over the parts one after another: 32 bytes. */
    byte[] of(byte[]... parts) {
        MessageDigest hash = Crypto.copy(inner);
        for (byte[] part : parts) {
            hash.update(part);
        }
        return end(hash);
    }

    private byte[] end(MessageDigest hash) {
        byte[] digest = hash.digest();
        hash.update(outer);
        hash.update(digest);
        try {
            hash.digest(digest, 0, digest.length);
        } catch (DigestException impossible) {
            throw new IllegalStateException(impossible);
        }
        return digest;
    }

    @Override
    public void erase() {
        inner = null;
        Arrays.fill(outer, (byte) 0);
    }
}
