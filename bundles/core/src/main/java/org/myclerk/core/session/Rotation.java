package org.myclerk.core.session;

import java.util.Arrays;

import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.payload.Envelope;
import org.myclerk.api.payload.None;
import org.myclerk.core.crypto.Crypto;
import org.myclerk.core.crypto.Secret;
import org.myclerk.core.frame.Frame;

/** Changes the keys of an open session (§5.2, profile §13), either side asking. Not thread-safe. */
final class Rotation {

    /** A request this soon after a rotation is refused, so that nobody can keep a peer rotating. */
    private static final long REST_MILLIS = 10_000;
    /** How much longer this side waits by itself, because the peer may have finished later. */
    private static final long MARGIN_MILLIS = 1_000;
    private static final long ANSWER_MILLIS = 30_000;
    private static final long GRACE_MILLIS = 600_000;
    private static final long[] REPEAT_MILLIS = {1_000, 2_000, 4_000, 8_000};

    private final Session session;
    private final Traffic traffic;
    private final boolean initiator;
    private final long rotateAfter;
    private final long rotateAtCounter;
    private Request open;
    private Answer answered;
    private boolean wanted;
    private boolean rotatedBefore;
    private long lastCompleted;
    private long keysSince;
    private long notBefore;

    /** A request of this side that waits for its answer. */
    private static final class Request {
        final long generation;
        final long rid;
        final Secret ephemeral;
        final byte[] publicKey;
        final long deadline;
        int repeats;
        long repeatAt;

        Request(long generation, long rid, Secret ephemeral, long now, boolean ordered) {
            this.generation = generation;
            this.rid = rid;
            this.ephemeral = ephemeral;
            this.publicKey = Crypto.x25519PublicKey(ephemeral.bytes());
            this.deadline = ordered ? now + ANSWER_MILLIS : Long.MAX_VALUE;
            this.repeatAt = ordered ? Long.MAX_VALUE : now + REPEAT_MILLIS[0];
        }
    }

    /** The answer of this side, until the peer is seen in the new generation. */
    private record Answer(long generation, long rid, byte[] peerKey, byte[] publicKey) {
    }

    Rotation(Session session, Traffic traffic, boolean initiator, long now) {
        this.session = session;
        this.traffic = traffic;
        this.initiator = initiator;
        this.rotateAfter = session.settings().limits().rotateAfter().toMillis();
        this.rotateAtCounter = session.settings().limits().rotateAtCounter();
        this.keysSince = now;
    }

    /** The peer was seen in the newest generation. */
    void followed(long now) {
        answered = null;
        startIfDue(now);
    }

    /** Asks for new keys as soon as the protocol allows. */
    void want(long now) {
        wanted = true;
        startIfDue(now);
    }

    void startIfDue(long now) {
        boolean due = wanted || traffic.frames() >= rotateAtCounter || now - keysSince >= rotateAfter;
        if (!due || open != null || answered != null || now < notBefore || !session.mayRotate()) {
            return;
        }
        wanted = false;
        open = new Request(traffic.generation() + 1, session.nextRid(),
                Secret.wrap(Crypto.random(session.random(), Crypto.KEY)), now, session.ordered());
        ask();
    }

    private void ask() {
        session.sendKeyed(traffic.sending(), CoreOperations.SESSION_ROTATE.code().value(), open.publicKey,
                CoreOperations.SESSION_ROTATE.request(), Envelope.request(open.rid),
                new SessionRotate(open.generation));
    }

    void tick(long now) {
        if (now - keysSince >= rotateAfter + GRACE_MILLIS) {
            session.end(Ended.limit("the keys are too old and the peer did not rotate"));
            return;
        }
        if (open != null && now >= open.deadline) {
            session.end(Ended.timeout("no answer to a rotation"));
            return;
        }
        if (open != null && now >= open.repeatAt) {
            open.repeats = Math.min(open.repeats + 1, REPEAT_MILLIS.length - 1);
            open.repeatAt = now + REPEAT_MILLIS[open.repeats];
            ask();
            return;
        }
        startIfDue(now);
    }

    long nextTick() {
        if (open != null) {
            return Math.min(open.deadline, open.repeatAt);
        }
        long due = keysSince + rotateAfter;
        if (answered != null || !session.mayRotate()) {
            return due + GRACE_MILLIS;
        }
        if (wanted || traffic.frames() >= rotateAtCounter) {
            return notBefore;
        }
        return Math.max(due, notBefore);
    }

    /** The peer asks. */
    void requested(long rid, SessionRotate content, Frame frame, long now) {
        long wantedGeneration = content.rotationCounter();
        long current = traffic.generation();
        if (answered != null && wantedGeneration == answered.generation) {
            repeat(frame);
            return;
        }
        if (wantedGeneration <= current) {
            return;
        }
        if (wantedGeneration > current + 1 || !frame.hasKey() || traffic.openedGeneration() != current
                || rotatedBefore && now - lastCompleted < REST_MILLIS) {
            session.sendKeyed(traffic.sending(), CoreOperations.SESSION_ROTATE.code().value(), null,
                    Refusals.NOTHING, Envelope.response(rid, ErrorCode.BAD_REQUEST), None.NONE);
            return;
        }
        if (open != null) {
            if (initiator) {
                return;
            }
            forgetRequest();
        }
        if (!session.peerStillValid()) {
            return;
        }
        answer(rid, frame.key(), now);
    }

    private void repeat(Frame frame) {
        if (!session.ordered() && traffic.former() != null && frame.hasKey()
                && Arrays.equals(frame.key(), answered.peerKey)) {
            sendAnswer();
        }
    }

    private void answer(long rid, byte[] peerKey, long now) {
        Secret ephemeral = Secret.wrap(Crypto.random(session.random(), Crypto.KEY));
        byte[] publicKey = Crypto.x25519PublicKey(ephemeral.bytes());
        byte[] shared;
        try {
            shared = session.settings().crypto().x25519(ephemeral.bytes(), peerKey);
        } catch (Malformed zero) {
            session.end(Ended.violation(zero.getMessage()));
            return;
        } finally {
            ephemeral.erase();
        }
        Traffic.Next next = traffic.next(shared, peerKey, publicKey);
        Arrays.fill(shared, (byte) 0);
        answered = new Answer(traffic.generation() + 1, rid, peerKey, publicKey);
        traffic.rotate(next, true);
        sendAnswer();
        completed(now);
    }

    private void sendAnswer() {
        session.sendKeyed(traffic.former(), CoreOperations.SESSION_ROTATE.code().value(), answered.publicKey,
                CoreOperations.SESSION_ROTATE.answer(), Envelope.response(answered.rid, ErrorCode.OK),
                new SessionRotate(answered.generation));
    }

    private void completed(long now) {
        rotatedBefore = true;
        lastCompleted = now;
        keysSince = now;
        notBefore = now + REST_MILLIS + MARGIN_MILLIS;
        session.rotated(traffic.generation());
    }

    /** Whether a response is one to the request that is open. */
    boolean isAnswer(long rid) {
        return open != null && open.rid == rid;
    }

    void refused(long now) {
        forgetRequest();
        notBefore = now + REST_MILLIS + MARGIN_MILLIS;
    }

    void answered(SessionRotate content, Frame frame, long now) {
        if (!frame.hasKey() || content.rotationCounter() != open.generation
                || traffic.openedGeneration() != traffic.generation() || !session.peerStillValid()) {
            return;
        }
        byte[] peerKey = frame.key();
        byte[] shared;
        try {
            shared = session.settings().crypto().x25519(open.ephemeral.bytes(), peerKey);
        } catch (Malformed zero) {
            session.end(Ended.violation(zero.getMessage()));
            return;
        }
        Traffic.Next next = traffic.next(shared, open.publicKey, peerKey);
        Arrays.fill(shared, (byte) 0);
        forgetRequest();
        traffic.rotate(next, false);
        completed(now);
        session.sendKeepalive(now);
    }

    private void forgetRequest() {
        open.ephemeral.erase();
        open = null;
    }

    void erase() {
        if (open != null) {
            forgetRequest();
        }
        answered = null;
    }
}
