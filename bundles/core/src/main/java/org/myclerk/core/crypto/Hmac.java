package org.myclerk.core.crypto;

/**
 * HMAC-SHA256 (RFC 2104) under one key, for the trailers of frames. Not thread-safe, but not bound to a
 * thread either.
 */
public interface Hmac {

    /**
     * Computes it.
     *
     * @param size how many bytes of it are written, from the first on; 32 at most
     */
    void of(byte[] array, int offset, int length, byte[] target, int at, int size);

    /** Whether the bytes at {@code at} are the beginning of the HMAC; constant time. */
    default boolean matches(byte[] array, int offset, int length, int at, int size) {
        byte[] expected = new byte[size];
        of(array, offset, length, expected, 0, size);
        int difference = 0;
        for (int i = 0; i < size; i++) {
            difference |= expected[i] ^ array[at + i];
        }
        return difference == 0;
    }

    /** Nothing can be computed any more. */
    void erase();
}
