package org.myclerk.core.crypto;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The running hash over the frames of a handshake (profile §11): each value binds everything before it. */
public final class Transcript {

    private final byte[] hash;

    private Transcript(byte[] hash) {
        this.hash = hash;
    }

    /** {@code TH0 = H(label)}. */
    public static Transcript begin(String label) {
        return new Transcript(Crypto.sha256(label.getBytes(StandardCharsets.US_ASCII)));
    }

    /** The start of a full handshake (profile §11). */
    public static Transcript handshake() {
        return begin("myclerk-v0 transcript");
    }

    /** The start of a resumption (profile §12). */
    public static Transcript resumption() {
        return begin("myclerk-v0 resume transcript");
    }

    /** {@code H(TH || u32(length) || bytes)}. */
    public Transcript with(byte[] bytes) {
        return with(bytes, 0, bytes.length);
    }

    /** The same for part of an array. */
    public Transcript with(byte[] array, int offset, int length) {
        return new Transcript(Crypto.sha256(hash, KeySchedule.u32(length),
                Arrays.copyOfRange(array, offset, offset + length)));
    }

    /** The hash so far: 32 bytes. */
    public byte[] hash() {
        return hash.clone();
    }
}
