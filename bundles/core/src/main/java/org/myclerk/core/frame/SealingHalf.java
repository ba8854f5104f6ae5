package org.myclerk.core.frame;

import java.util.Objects;

import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.ProtocolException.Fatal;
import org.myclerk.api.operation.Tier;
import org.myclerk.core.crypto.CryptoProvider;
import org.myclerk.core.crypto.Hmac;
import org.myclerk.core.crypto.NonceIsYoursAead;
import org.myclerk.core.crypto.Secret;
import org.myclerk.core.crypto.TrafficKeys;

/**
 * The sending side of one direction and generation (profile §5). It alone owns the counter of its AEAD key: a
 * counter is spent before anything is encrypted and never comes back. Not thread-safe.
 */
public final class SealingHalf {

    /** From this many frames on new keys are due (profile §13). */
    public static final long ROTATE_AT = 1L << 31;

    private static final long LAST = 0xFFFF_FFFFL;

    private final Secret key;
    private final long generation;
    private final NonceIsYoursAead aead;
    private final Hmac hmac;
    private final byte[] nonce = new byte[12];
    private final int random16;
    private long counter;
    private boolean erased;

    /**
     * @param keys taken over: what is not needed any more is erased at once, the rest by {@link #erase}
     * @param generation the key id of profile §3
     */
    public SealingHalf(CryptoProvider crypto, TrafficKeys keys, long generation) {
        this(crypto, keys, generation, 0);
    }

    /** @param counter of the next frame, for vectors */
    SealingHalf(CryptoProvider crypto, TrafficKeys keys, long generation, long counter) {
        this.key = keys.aead();
        this.generation = generation;
        this.counter = counter;
        this.aead = crypto.aead(key);
        this.hmac = crypto.hmac(keys.mac());
        byte[] random = keys.random().bytes();
        System.arraycopy(random, 0, nonce, 4, 4);
        this.random16 = Wire.u16(random, 2);
        keys.random().erase();
    }

    /** The key id of these frames. */
    public long generation() {
        return generation;
    }

    /** The counter of the next frame, which is the number of frames sealed. */
    public long counter() {
        return counter;
    }

    /**
     * Seals in place: the plaintext lies at {@code offset + Layout.header(tier)}, and behind it there is room
     * for tag and trailer.
     *
     * @param tier 2-5
     * @param timestamp Unix seconds for the header
     * @param ephemeral 32 bytes for the X25519 field, or {@code null} for zeros
     * @return the frame's length
     * @throws Fatal if the counter is exhausted: the session must close
     */
    public int seal(byte[] buffer, int offset, Tier tier, int operation, boolean compressed,
            boolean fragmented, int sessionId, long timestamp, byte[] ephemeral, int plaintext) throws Fatal {
        if (tier.below(Tier.T2)) {
            throw new IllegalArgumentException(tier + " cannot be sealed");
        }
        Objects.checkFromIndexSize(offset, Layout.sealedOverhead(tier) + (long) plaintext, buffer.length);
        if (erased) {
            throw new IllegalStateException("the keys were erased");
        }
        if (counter > LAST) {
            throw new Fatal(ErrorCode.INVALID_SESSION, "the key has sealed 2^32 frames");
        }
        long spent = counter++;
        int header = Layout.header(tier);
        buffer[offset] = (byte) (tier.number() << 3 | (compressed ? 4 : 0) | (fragmented ? 2 : 0) | 1);
        Wire.u16(buffer, offset + Layout.OPERATION_AT, operation);
        buffer[offset + Layout.SEQUENCE_AT] = (byte) spent;
        Wire.u16(buffer, offset + Layout.SESSION_AT, sessionId);
        if (!tier.below(Tier.T3)) {
            Wire.u32(buffer, offset + Layout.TIMESTAMP_AT, timestamp);
            Wire.u16(buffer, offset + Layout.NONCE_AT, random16 ^ (int) (spent >>> 8));
        }
        if (!tier.below(Tier.T4)) {
            Wire.u32(buffer, offset + Layout.KEY_ID_AT, generation);
            for (int i = 0; i < Layout.X25519; i++) {
                buffer[offset + Layout.X25519_AT + i] = ephemeral == null ? 0 : ephemeral[i];
            }
        }
        Wire.u32(nonce, 0, tier == Tier.T2 ? 0 : timestamp);
        Wire.u32(nonce, 8, spent);
        int body = offset + header;
        aead.seal(buffer, offset, Layout.associated(tier), body, plaintext, nonce);
        int end = body + plaintext;
        if (tier == Tier.T5) {
            System.arraycopy(buffer, end, buffer, offset + Layout.TAG_AT, Layout.TAG);
        } else {
            end += Layout.TAG;
        }
        if (tier == Tier.T2) {
            Wire.u16(buffer, end, Crc16.of(buffer, offset, end - offset));
        } else {
            hmac.of(buffer, offset, end - offset, buffer, end, Layout.trailer(tier));
        }
        return end + Layout.trailer(tier) - offset;
    }

    /** Erases the keys; nothing can be sealed any more. */
    public void erase() {
        erased = true;
        aead.erase();
        key.erase();
        hmac.erase();
    }
}
