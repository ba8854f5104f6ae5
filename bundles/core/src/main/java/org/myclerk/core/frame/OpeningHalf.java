package org.myclerk.core.frame;

import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.Tier;
import org.myclerk.core.crypto.CryptoProvider;
import org.myclerk.core.crypto.Hmac;
import org.myclerk.core.crypto.NonceIsYoursAead;
import org.myclerk.core.crypto.Secret;
import org.myclerk.core.crypto.TrafficKeys;

/**
 * The receiving side of one direction and generation (profile §5, §15). Its state changes only after the AEAD
 * succeeded. Not thread-safe.
 */
public final class OpeningHalf {

    private static final Malformed REFUSED = new Malformed("does not open");

    private final Secret key;
    private final long generation;
    private final boolean ordered;
    private final NonceIsYoursAead aead;
    private final Hmac hmac;
    private final byte[] nonce = new byte[12];
    private final byte[] covered = new byte[Layout.TAG];
    private final int random16;
    private final ReplayWindow window;
    private long expected;
    private long failures;
    private boolean erased;

    /**
     * @param keys taken over: what is not needed any more is erased at once, the rest by {@link #erase}
     * @param generation the key id of profile §3
     * @param ordered whether the transport keeps the order: then exactly the next counter is due
     */
    public OpeningHalf(CryptoProvider crypto, TrafficKeys keys, long generation, boolean ordered) {
        this(crypto, keys, generation, ordered, 0);
    }

    /** @param expected counter of the next frame, for vectors */
    OpeningHalf(CryptoProvider crypto, TrafficKeys keys, long generation, boolean ordered, long expected) {
        this.key = keys.aead();
        this.generation = generation;
        this.ordered = ordered;
        this.expected = expected;
        this.aead = crypto.aead(key);
        this.hmac = crypto.hmac(keys.mac());
        byte[] random = keys.random().bytes();
        System.arraycopy(random, 0, nonce, 4, 4);
        this.random16 = Wire.u16(random, 2);
        keys.random().erase();
        this.window = ordered ? null : new ReplayWindow();
    }

    /** The key id of these frames. */
    public long generation() {
        return generation;
    }

    /** Highest authenticated counter plus one. */
    public long expected() {
        return expected;
    }

    /** Frames that failed at the AEAD, not before (profile §18). */
    public long failures() {
        return failures;
    }

    /** Whether the trailer is one of this half's; tier 2 has none that would tell. */
    public boolean trailerMatches(Frame frame) {
        int size = Layout.trailer(frame.tier());
        int covered = frame.length() - size;
        if (frame.tier() == Tier.T2) {
            return Crc16.of(frame.array(), frame.offset(), covered)
                    == Wire.u16(frame.array(), frame.offset() + covered);
        }
        return hmac.matches(frame.array(), frame.offset(), covered, frame.offset() + covered, size);
    }

    /**
     * Opens a sealed frame whose trailer matches. The frame's bytes are the same afterwards.
     *
     * @return the plaintext, in an array of its own
     * @throws Malformed one and the same, whatever is wrong with it
     */
    public byte[] open(Frame frame) throws Malformed {
        Tier tier = frame.tier();
        int travelled = tier == Tier.T2 ? frame.sequence()
                : ((frame.nonce() ^ random16) << 8 | frame.sequence()) & 0xFFFFFF;
        long counter = CounterRecovery.recover(tier, expected, travelled);
        if (erased || ordered && counter != expected || counter > 0xFFFF_FFFFL
                || !ordered && tier == Tier.T2) {
            throw REFUSED;
        }
        byte[] plaintext = decrypt(frame, tier, counter);
        if (plaintext == null) {
            failures++;
            throw REFUSED;
        }
        if (!ordered) {
            if (!window.fresh(counter)) {
                throw REFUSED;
            }
            window.accept(counter);
        }
        expected = Math.max(expected, counter + 1);
        return plaintext;
    }

    /** The plaintext, or {@code null} if the frame is not authentic. */
    private byte[] decrypt(Frame frame, Tier tier, long counter) {
        Wire.u32(nonce, 0, frame.timestamp());
        Wire.u32(nonce, 8, counter);
        byte[] array = frame.array();
        int end = frame.bodyOffset() + frame.bodyLength();
        int sealed = frame.bodyLength();
        if (tier == Tier.T5) {
            // The cipher wants the tag behind the ciphertext, where the trailer stands. That makes room for a
            // moment, which spares a copy of the ciphertext.
            System.arraycopy(array, end, covered, 0, Layout.TAG);
            System.arraycopy(array, frame.offset() + Layout.TAG_AT, array, end, Layout.TAG);
            sealed += Layout.TAG;
        }
        byte[] plaintext = new byte[sealed - Layout.TAG];
        boolean authentic = aead.open(array, frame.offset(), Layout.associated(tier), frame.bodyOffset(),
                sealed, nonce, plaintext);
        if (tier == Tier.T5) {
            System.arraycopy(covered, 0, array, end, Layout.TAG);
        }
        return authentic ? plaintext : null;
    }

    /** Erases the keys; nothing can be opened any more. */
    public void erase() {
        erased = true;
        aead.erase();
        key.erase();
        hmac.erase();
    }
}
