package org.myclerk.core.crypto;

import java.security.MessageDigest;
import java.util.Arrays;

/** Bytes that must not leak: compared in constant time, never printed, overwritten when no longer needed. */
public final class Secret {

    private final byte[] bytes;

    private Secret(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Takes over an array; nobody else may keep it. */
    public static Secret wrap(byte[] bytes) {
        return new Secret(bytes);
    }

    /** The array itself, to be read and not kept. */
    public byte[] bytes() {
        return bytes;
    }

    /** In bytes. */
    public int length() {
        return bytes.length;
    }

    /** Overwrites the bytes with zeros. */
    public void erase() {
        Arrays.fill(bytes, (byte) 0);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Secret that && MessageDigest.isEqual(bytes, that.bytes);
    }

    /** The same for all of one length: a hash would say something of the content. */
    @Override
    public int hashCode() {
        return bytes.length;
    }

    @Override
    public String toString() {
        return bytes.length + " secret bytes";
    }
}
