package org.myclerk.core.frame;

import java.util.Arrays;
import java.util.Objects;

import org.myclerk.api.operation.Tier;
import org.myclerk.core.crypto.Crypto;
import org.myclerk.core.crypto.Secret;
import org.myclerk.core.crypto.TrafficKeys;

/**
 * Seals the frames of one direction and key generation (§4, profile §5). It owns the counter: no two frames are sealed
 * under one. One thread at a time.
 */
public final class SealingHalf {

    /** From so many frames on the keys are to be changed (profile §13). */
    public static final long ROTATE_FROM = 1L << 31;

    private final NonceIsYoursAead aead;
    private final FrameMac mac;
    private final Secret random;
    private final int maskedNonce;
    private final long generation;
    private final byte[] nonce = new byte[Crypto.IV];
    private final byte[] code = new byte[Crypto.HASH];
    private long counter;
    private boolean erased;

    /**
     * @param keys copied; the caller erases its own
     * @param generation the key id of profile §3
     */
    public SealingHalf(TrafficKeys keys, long generation) {
        this(keys, generation, 0);
    }

    /** For tests, which cannot seal four billion frames first. */
    SealingHalf(TrafficKeys keys, long generation, long firstCounter) {
        this.aead = new NonceIsYoursAead(keys.aead());
        this.mac = new FrameMac(keys.mac().bytes());
        this.random = Secret.wrap(keys.random().bytes().clone());
        this.maskedNonce = HeaderCodec.u16(random.bytes(), 2);
        this.generation = generation;
        this.counter = firstCounter;
    }

    /** Bytes of a sealed frame that are not its plaintext. */
    public static int overhead(Tier tier) {
        return HeaderCodec.overhead(tier, true);
    }

    /** Where the plaintext has to lie, counted from the start of the frame. */
    public static int plaintextOffset(Tier tier) {
        return HeaderCodec.length(tier);
    }

    /** How many frames were sealed: the next counter. */
    public long sealed() {
        return counter;
    }

    /** Whether nothing may be sealed any more, because every counter was used. */
    public boolean exhausted() {
        return counter > CounterRecovery.LAST;
    }

    /** The key id of these frames. */
    public long generation() {
        return generation;
    }

    /**
     * Seals a frame where it lies: writes header, ciphertext, tag and trailer around and over the plaintext at
     * {@code frameOffset + plaintextOffset(tier)}. There must be room for {@code overhead(tier) + plaintextLength}.
     *
     * @param tier 2 to 5
     * @param timestamp Unix seconds; not sent in tier 2
     * @param ephemeral the X25519 public key, or {@code null} for none; not sent below tier 4
     * @return the length of the frame
     * @throws IllegalStateException if the half is exhausted or erased
     */
    public int seal(byte[] buffer, int frameOffset, Tier tier, int operation, boolean compressed, boolean fragmented,
            int sessionId, long timestamp, byte[] ephemeral, int plaintextLength) {
        if (tier.below(Tier.T2)) {
            throw new IllegalArgumentException(tier + " cannot be sealed");
        }
        int length = overhead(tier) + Objects.checkIndex(plaintextLength, buffer.length);
        Objects.checkFromIndexSize(frameOffset, length, buffer.length);
        if (erased || exhausted()) {
            throw new IllegalStateException(erased ? "keys are erased" : "every counter is used, rotate the keys");
        }
        long c = counter++;

        buffer[frameOffset] = Flags.encode(tier, compressed, fragmented, true);
        HeaderCodec.u16(buffer, frameOffset + HeaderCodec.OPERATION_AT, operation);
        buffer[frameOffset + HeaderCodec.SEQUENCE_AT] = (byte) c;
        HeaderCodec.u16(buffer, frameOffset + HeaderCodec.SESSION_AT, sessionId);
        HeaderCodec.u32(nonce, 0, tier == Tier.T2 ? 0 : timestamp);
        if (tier != Tier.T2) {
            HeaderCodec.u32(buffer, frameOffset + HeaderCodec.TIMESTAMP_AT, timestamp);
            HeaderCodec.u16(buffer, frameOffset + HeaderCodec.NONCE_AT, maskedNonce ^ (int) (c >>> 8));
        }
        if (!tier.below(Tier.T4)) {
            HeaderCodec.u32(buffer, frameOffset + HeaderCodec.KEY_ID_AT, generation);
            int at = frameOffset + HeaderCodec.EPHEMERAL_AT;
            if (ephemeral == null) {
                Arrays.fill(buffer, at, at + Crypto.KEY, (byte) 0);
            } else {
                System.arraycopy(ephemeral, 0, buffer, at, Crypto.KEY);
            }
        }
        System.arraycopy(random.bytes(), 0, nonce, 4, 4);
        HeaderCodec.u32(nonce, 8, c);

        int textAt = frameOffset + HeaderCodec.length(tier);
        aead.seal(buffer, frameOffset, HeaderCodec.authenticatedLength(tier), textAt, plaintextLength, nonce);
        if (tier == Tier.T5) {
            // The tag was written where the trailer, which is longer, comes next.
            System.arraycopy(buffer, textAt + plaintextLength, buffer, frameOffset + HeaderCodec.TAG_AT,
                    HeaderCodec.TAG);
        }
        Trailers.write(buffer, frameOffset, length - HeaderCodec.trailerLength(tier), tier, mac, code);
        return length;
    }

    /** Overwrites the keys; nothing can be sealed any more. */
    public void erase() {
        erased = true;
        aead.erase();
        mac.erase();
        random.erase();
        Arrays.fill(nonce, (byte) 0);
    }
}
