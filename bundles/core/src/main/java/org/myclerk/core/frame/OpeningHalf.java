package org.myclerk.core.frame;

import java.security.GeneralSecurityException;

import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.Tier;
import org.myclerk.core.crypto.TrafficKeys;

/**
 * The receiving side of one direction and generation (profile §5, §15). Its state changes only after the AEAD
 * succeeded. Not thread-safe.
 */
public final class OpeningHalf {

    private static final Malformed REFUSED = new Malformed("does not open");

    private final TrafficKeys keys;
    private final long generation;
    private final boolean ordered;
    private final SecretKey key;
    private final Cipher cipher;
    private final Hmac hmac;
    private final byte[] nonce = new byte[12];
    private final int random16;
    private final ReplayWindow window;
    private long expected;
    private long failures;

    public OpeningHalf(TrafficKeys keys, long generation, boolean ordered) {
        this(keys, generation, ordered, 0);
    }

    /** @param expected counter of the next frame, for vectors */
    OpeningHalf(TrafficKeys keys, long generation, boolean ordered, long expected) {
        this.keys = keys;
        this.generation = generation;
        this.ordered = ordered;
        this.expected = expected;
        this.key = new SecretKeySpec(keys.aead().bytes(), "ChaCha20");
        this.cipher = SealingHalf.newCipher();
        this.hmac = new Hmac(keys.mac().bytes());
        byte[] random = keys.random().bytes();
        System.arraycopy(random, 0, nonce, 4, 4);
        this.random16 = Wire.u16(random, 2);
        this.window = ordered ? null : new ReplayWindow();
    }

    public long generation() {
        return generation;
    }

    /** Highest authenticated counter plus one. */
    public long expected() {
        return expected;
    }

    /** Frames whose trailer fitted and whose AEAD did not. */
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
     * Opens a sealed frame whose trailer matches.
     *
     * @return the plaintext, in an array of its own
     * @throws Malformed one and the same, whatever is wrong with it
     */
    public byte[] open(Frame frame) throws Malformed {
        Tier tier = frame.tier();
        int travelled = tier == Tier.T2 ? frame.sequence()
                : ((frame.nonce() ^ random16) << 8 | frame.sequence()) & 0xFFFFFF;
        long counter = CounterRecovery.recover(tier, expected, travelled);
        if (ordered && counter != expected || counter > 0xFFFF_FFFFL || !ordered && tier == Tier.T2) {
            throw REFUSED;
        }
        byte[] plaintext = decrypt(frame, tier, counter);
        if (!ordered) {
            if (!window.fresh(counter)) {
                throw REFUSED;
            }
            window.accept(counter);
        }
        expected = Math.max(expected, counter + 1);
        return plaintext;
    }

    private byte[] decrypt(Frame frame, Tier tier, long counter) throws Malformed {
        Wire.u32(nonce, 0, frame.timestamp());
        Wire.u32(nonce, 8, counter);
        byte[] array = frame.array();
        int body = frame.bodyOffset();
        int size = frame.bodyLength();
        try {
            cipher.init(Cipher.DECRYPT_MODE, key, new IvParameterSpec(nonce));
            cipher.updateAAD(array, frame.offset(), Layout.associated(tier));
            if (tier != Tier.T5) {
                byte[] plaintext = new byte[size - Layout.TAG];
                cipher.doFinal(array, body, size, plaintext, 0);
                return plaintext;
            }
            byte[] plaintext = new byte[size];
            cipher.update(array, body, size);
            cipher.doFinal(array, frame.offset() + Layout.TAG_AT, Layout.TAG, plaintext, 0);
            return plaintext;
        } catch (GeneralSecurityException altered) {
            failures++;
            throw REFUSED;
        }
    }

    public void erase() {
        keys.erase();
        hmac.erase();
    }
}
