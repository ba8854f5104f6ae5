package org.myclerk.core.frame;

import java.util.Arrays;

import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.Tier;
import org.myclerk.core.crypto.Crypto;
import org.myclerk.core.crypto.Secret;
import org.myclerk.core.crypto.TrafficKeys;

/**
 * Opens the frames of one direction and key generation (profile §5). Its state changes only when a frame was
 * authentic. One thread at a time.
 */
public final class OpeningHalf {

    private static final int WIDTH = 24;
    private static final int WIDTH_TIER2 = 8;

    private final NonceIsYoursAead aead;
    private final FrameMac mac;
    private final Secret random;
    private final int maskedNonce;
    private final long generation;
    private final boolean ordered;
    private final ReplayWindow window;
    private final byte[] nonce = new byte[Crypto.IV];
    private final byte[] code = new byte[Crypto.HASH];
    private final byte[] covered = new byte[HeaderCodec.TAG];
    private long expected;
    private long failures;
    private boolean newest;
    private boolean erased;

    /**
     * @param keys copied; the caller erases its own
     * @param generation the key id of profile §3
     * @param ordered whether the transport keeps the order, so that the next counter exactly is due
     */
    public OpeningHalf(TrafficKeys keys, long generation, boolean ordered) {
        this(keys, generation, ordered, 0);
    }

    /** For tests, which cannot open four billion frames first. */
    OpeningHalf(TrafficKeys keys, long generation, boolean ordered, long expected) {
        this.aead = new NonceIsYoursAead(keys.aead());
        this.mac = new FrameMac(keys.mac().bytes());
        this.random = Secret.wrap(keys.random().bytes().clone());
        this.maskedNonce = HeaderCodec.u16(random.bytes(), 2);
        this.generation = generation;
        this.ordered = ordered;
        this.window = ordered ? null : new ReplayWindow();
        this.expected = expected;
    }

    /** The key id of these frames. */
    public long generation() {
        return generation;
    }

    /** The highest authenticated counter + 1. */
    public long expected() {
        return expected;
    }

    /** How many frames passed everything before the AEAD and failed there (profile §18). */
    public long failures() {
        return failures;
    }

    /** Whether the frame opened last had the highest counter so far: only then may the peer's address move (§15). */
    public boolean newest() {
        return newest;
    }

    /**
     * Whether the trailer was made with the keys of this half: tells the generation of tier 3, whose frames carry no
     * key id. In tier 2 it is a mere CRC, and only {@link #open} tells.
     */
    public boolean trailerMatches(Frame frame) {
        return Trailers.matches(frame, mac, code);
    }

    /**
     * Opens a frame: checks timestamp, trailer, counter, AEAD and replay, in this order. The session and the
     * generation are the caller's to choose. The frame's bytes stay as they are.
     *
     * @param now Unix seconds
     * @param tolerance seconds that clocks may differ
     * @return the plaintext, in an array of its own that fits exactly
     * @throws Malformed whichever check failed; nobody but a log is to be told which
     */
    public byte[] open(Frame frame, long now, long tolerance) throws Malformed {
        if (erased || !frame.encrypted()) {
            throw new Malformed(erased ? "keys are erased" : "not sealed");
        }
        if (!frame.tier().below(Tier.T4) && frame.header().keyId() != generation) {
            throw new Malformed("sealed under key %d, not %d".formatted(frame.header().keyId(), generation));
        }
        if (frame.tier() == Tier.T2 && !ordered) {
            throw new Malformed("sealed tier 2 needs a transport that keeps the order");
        }
        Freshness.check(frame, now, tolerance);
        if (!trailerMatches(frame)) {
            throw new Malformed("trailer does not match");
        }
        long counter = counter(frame.header());
        if (counter > CounterRecovery.LAST || ordered && counter != expected) {
            throw new Malformed("counter %d where %d is due".formatted(counter, expected));
        }
        byte[] plaintext = decrypt(frame, counter);
        if (plaintext == null) {
            failures++;
            throw new Malformed("does not open");
        }
        if (!ordered) {
            if (!window.accepts(counter)) {
                throw new Malformed("counter %d came before".formatted(counter));
            }
            window.add(counter);
        }
        newest = counter >= expected;
        expected = Math.max(expected, counter + 1);
        return plaintext;
    }

    private long counter(Header header) {
        if (header.flags().tier() == Tier.T2) {
            return CounterRecovery.recover(expected, header.sequence(), WIDTH_TIER2);
        }
        return CounterRecovery.recover(expected, (header.nonce() ^ maskedNonce) << 8 | header.sequence(), WIDTH);
    }

    /** The plaintext, or {@code null} if the frame is not authentic. */
    private byte[] decrypt(Frame frame, long counter) {
        HeaderCodec.u32(nonce, 0, frame.header().timestamp());
        System.arraycopy(random.bytes(), 0, nonce, 4, 4);
        HeaderCodec.u32(nonce, 8, counter);
        boolean tier5 = frame.tier() == Tier.T5;
        byte[] array = frame.array();
        int sealedLength = frame.bodyLength() + (tier5 ? HeaderCodec.TAG : 0);
        byte[] plaintext = new byte[sealedLength - HeaderCodec.TAG];
        if (tier5) {
            // The cipher wants the tag behind the ciphertext. There stands the trailer, already checked: it makes
            // room for a moment, which spares a copy of the ciphertext.
            System.arraycopy(array, frame.trailerOffset(), covered, 0, HeaderCodec.TAG);
            System.arraycopy(array, frame.offset() + HeaderCodec.TAG_AT, array, frame.trailerOffset(),
                    HeaderCodec.TAG);
        }
        boolean authentic = aead.open(array, frame.offset(), HeaderCodec.authenticatedLength(frame.tier()),
                frame.bodyOffset(), sealedLength, nonce, plaintext);
        if (tier5) {
            System.arraycopy(covered, 0, array, frame.trailerOffset(), HeaderCodec.TAG);
        }
        return authentic ? plaintext : null;
    }

    /** Overwrites the keys; nothing can be opened any more. */
    public void erase() {
        erased = true;
        aead.erase();
        mac.erase();
        random.erase();
        Arrays.fill(nonce, (byte) 0);
    }
}
