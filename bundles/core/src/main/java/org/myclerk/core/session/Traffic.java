package org.myclerk.core.session;

import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.Tier;
import org.myclerk.core.crypto.CryptoProvider;
import org.myclerk.core.crypto.KeySchedule;
import org.myclerk.core.crypto.Secret;
import org.myclerk.core.frame.Frame;
import org.myclerk.core.frame.OpeningHalf;
import org.myclerk.core.frame.SealingHalf;

/**
 * The keys of an open session in both directions (profile §5.2, §13): the newest generation, and for a while
 * the one before. Not thread-safe.
 */
final class Traffic {

    private static final long OLDER_MILLIS = 30_000;

    private final CryptoProvider crypto;
    private final boolean initiator;
    private final boolean ordered;
    final byte[] transcript;
    private Secret sessionKey;
    Secret root;
    SealingHalf sending;
    private SealingHalf former;
    private OpeningHalf newest;
    private OpeningHalf older;
    private OpeningHalf opened;
    private long olderUntil = Long.MAX_VALUE;
    private long retiredFailures;
    private boolean advanced;

    /** The keys of the next generation before they are in use. */
    record Next(Secret sessionKey, Secret root) {
    }

    /** @param transcript TH_app, unchanged by rotations */
    Traffic(CryptoProvider crypto, Secret sessionKey, Secret root, byte[] transcript, boolean initiator,
            boolean ordered) {
        this.crypto = crypto;
        this.initiator = initiator;
        this.ordered = ordered;
        this.transcript = transcript;
        begin(sessionKey, root, 0);
    }

    private void begin(Secret nextSessionKey, Secret nextRoot, long generation) {
        sessionKey = nextSessionKey;
        root = nextRoot;
        sending = new SealingHalf(crypto, KeySchedule.applicationKeys(root, initiator, transcript),
                generation);
        newest = new OpeningHalf(crypto, KeySchedule.applicationKeys(root, !initiator, transcript),
                generation, ordered);
    }

    long generation() {
        return newest.generation();
    }

    SealingHalf sending() {
        return sending;
    }

    /** The keys of the generation before, until the peer is seen to have followed; {@code null} otherwise. */
    SealingHalf former() {
        return former;
    }

    /** Frames under the busier of the newest keys. */
    long frames() {
        return Math.max(sending.counter(), newest.expected());
    }

    long failures() {
        return retiredFailures + newest.failures() + (older == null ? 0 : older.failures());
    }

    /** Generation of the frame that opened last. */
    long openedGeneration() {
        return opened.generation();
    }

    /** @throws Malformed if no generation held opens the frame */
    byte[] open(Frame frame) throws Malformed {
        if (!frame.tier().below(Tier.T4)) {
            OpeningHalf named = frame.keyId() == newest.generation() ? newest
                    : older != null && frame.keyId() == older.generation() ? older : null;
            if (named == null) {
                throw new Malformed("keys of generation %d are not held".formatted(frame.keyId()));
            }
            return open(named, frame);
        }
        if (older == null) {
            return open(newest, frame);
        }
        try {
            return open(newest, frame);
        } catch (Malformed perhapsTheOneBefore) {
            return open(older, frame);
        }
    }

    private byte[] open(OpeningHalf half, Frame frame) throws Malformed {
        if (!half.trailerMatches(frame)) {
            throw new Malformed("trailer does not fit");
        }
        long before = half.expected();
        byte[] plaintext = half.open(frame);
        opened = half;
        advanced = half == newest && half.expected() > before;
        return plaintext;
    }

    /** Whether the frame that opened last had the highest counter so far. */
    boolean openedNewest() {
        return advanced;
    }

    /**
     * After a frame opened: lets the generation before go if the peer has followed. @return whether it just
     * did
     */
    boolean follow(long now) {
        if (opened != newest) {
            return false;
        }
        boolean followed = former != null;
        if (followed) {
            former.erase();
            former = null;
        }
        if (older != null && ordered) {
            dropOlder();
        } else if (older != null && olderUntil == Long.MAX_VALUE) {
            olderUntil = now + OLDER_MILLIS;
        }
        return followed;
    }

    void expire(long now) {
        if (older != null && now >= olderUntil) {
            dropOlder();
        }
    }

    /** When {@link #expire} has something to do next. */
    long olderUntil() {
        return olderUntil;
    }

    private void dropOlder() {
        retiredFailures += older.failures();
        older.erase();
        older = null;
        olderUntil = Long.MAX_VALUE;
    }

    Next next(byte[] shared, byte[] requesterKey, byte[] answererKey) {
        Secret nextSessionKey = KeySchedule.rotatedSessionKey(sessionKey, generation() + 1);
        return new Next(nextSessionKey,
                KeySchedule.rotatedRoot(root, nextSessionKey, shared, requesterKey, answererKey));
    }

    /** @param keepFormer whether an answer may have to be repeated under the old keys */
    void rotate(Next next, boolean keepFormer) {
        long generation = generation() + 1;
        sessionKey.erase();
        root.erase();
        if (older != null) {
            dropOlder();
        }
        older = newest;
        if (keepFormer) {
            former = sending;
        } else {
            sending.erase();
        }
        begin(next.sessionKey(), next.root(), generation);
    }

    void erase() {
        sessionKey.erase();
        root.erase();
        sending.erase();
        newest.erase();
        if (former != null) {
            former.erase();
        }
        if (older != null) {
            older.erase();
        }
    }
}
