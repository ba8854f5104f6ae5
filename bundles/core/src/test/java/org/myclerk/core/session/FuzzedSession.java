package org.myclerk.core.session;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.ProtocolException.Fatal;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Bytes;
import org.myclerk.core.crypto.Wired;
import org.myclerk.core.frame.Layout;
import org.myclerk.core.frame.PlainFrames;
import org.myclerk.core.frame.SealingHalf;

/**
 * Two honest ends of a link and somebody between them who does what a script says: hands frames on, changes,
 * drops, repeats and makes them, lets time pass, and takes over an end whose keys he then has.
 */
final class FuzzedSession {

    private static final TestNode INITIATOR = TestNode.member(1);
    private static final TestNode RESPONDER = TestNode.member(2);
    private static final int[] OPERATIONS = {0x0000, 0x0001, 0x0002, 0x0003, 0x0004, 0x0005, 0x0006, 0x0007,
        0x0008, 0x0010, 0x0011, 0x0012, 0x0013, 0x0016, 0x001F, 0x0212, 0x0624, 0xFFFE};
    private static final long HOUR = 3_600_000;

    private final byte[] script;
    private int at;
    private final End.Clock clock = new End.Clock();
    private final Settings settings = new Settings(Tier.T5, Tier.T3, Settings.CAPABILITIES, Limits.DEFAULT,
            clock, Wired.JDK);
    private final Settings responderSettings = new Settings(Tier.T5, Tier.T3, Settings.CAPABILITIES,
            Limits.DEFAULT, clock, Wired.OTHER);
    private final Random random = new Random(1);
    private final TicketKeys tickets = new TicketKeys(random);
    private final Admission admission = new Admission(Limits.DEFAULT);
    private final List<byte[]> seen = new ArrayList<>();
    private Line line;
    private long now = Pair.NOW;
    private End i;
    private End r;
    private int sentByI;
    private int sentByR;
    private boolean takenOver;

    private FuzzedSession(byte[] script) {
        this.script = script;
    }

    /**
     * Plays a script.
     *
     * @return what the responder knows of its session, {@code null} if none was opened
     * @throws AssertionError if an end does what it must not
     */
    static Object play(byte[] script) {
        FuzzedSession session = new FuzzedSession(script);
        session.line = (session.next() & 1) == 0 ? Line.TCP : Line.UDP;
        session.begin(Wish.any(session.settings));
        while (session.at < script.length) {
            session.step();
            session.check();
        }
        Object opened = session.r.established;
        session.finish();
        return opened;
    }

    private int next() {
        return at < script.length ? script[at++] & 0xFF : 0;
    }

    private byte[] bytes() {
        int length = Math.min(next(), script.length - at);
        byte[] bytes = Arrays.copyOfRange(script, at, at + length);
        at += length;
        return bytes;
    }

    private void begin(Wish wish) {
        i = End.initiator(settings, INITIATOR, wish, line, random);
        r = End.responder(responderSettings, RESPONDER, tickets, admission, line, random);
        r.session.start(now);
        i.session.start(now);
        sentByI = 0;
        sentByR = 0;
        takenOver = false;
    }

    private void step() {
        int what = next();
        End from = (what & 0x10) == 0 ? i : r;
        End to = from == i ? r : i;
        switch (what & 0x0F) {
            case 0, 1, 2 -> pass(from, to, 0, 0);
            case 3 -> {
                while (!i.frames.isEmpty() || !r.frames.isEmpty()) {
                    pass(i, r, 0, 0);
                    pass(r, i, 0, 0);
                }
            }
            case 4, 5 -> pass(from, to, next() << 8 | next(), next());
            case 6 -> deliver(to, bytes());
            case 7 -> from.frames.poll();
            case 8 -> {
                if (!seen.isEmpty()) {
                    deliver(to, seen.get(next() % seen.size()));
                }
            }
            case 9 -> deliver(to, PlainFrames.write(Tier.of(1 + next() % 5), operation(), next(), next(),
                    clock.seconds, next(), null, bytes()));
            case 10 -> {
                now += next() * 100L;
                i.session.tick(now);
                r.session.tick(now);
            }
            case 11, 12 -> takeOver(from, to);
            case 13 -> send(from);
            case 14 -> command(from);
            default -> clock.seconds += (byte) next() * 16L;
        }
    }

    private int operation() {
        return OPERATIONS[next() % OPERATIONS.length];
    }

    private void pass(End from, End to, int position, int change) {
        byte[] frame = from.frames.poll();
        if (frame != null) {
            seen.add(frame.clone());
            if (frame.length > 0) {
                frame[position % frame.length] ^= (byte) change;
            }
            deliver(to, frame);
        }
    }

    private void deliver(End to, byte[] frame) {
        to.session.receive(frame, 0, frame.length, now);
    }

    /** What a member of the family may send that does not keep to the rules. */
    private void takeOver(End from, End to) {
        Tier tier = Tier.of(2 + next() % 4);
        int flags = next();
        int operation = operation();
        byte[] plaintext = bytes();
        if (!from.session.isOpen()) {
            return;
        }
        takenOver = true;
        byte[] frame = new byte[plaintext.length + Layout.sealedOverhead(tier)];
        System.arraycopy(plaintext, 0, frame, Layout.header(tier), plaintext.length);
        SealingHalf half = from.session.traffic.sending();
        byte[] key = (flags & 4) != 0 && !tier.below(Tier.T4) ? TestNode.filled(32, 9) : null;
        try {
            half.seal(frame, 0, tier, operation, (flags & 1) != 0, (flags & 2) != 0,
                    from.established.sessionId(), clock.seconds, key, plaintext.length);
        } catch (Fatal exhausted) {
            return;
        }
        deliver(to, frame);
    }

    private void send(End from) {
        if (!from.session.isOpen()) {
            return;
        }
        int size = next();
        Tier tier = from.established.tier();
        Bytes data = Bytes.wrap(new byte[size * size * 4]);
        ArrayDeque<Outgoing> queue = new ArrayDeque<>(List.of(size % 2 == 0
                ? End.request(tier, 0x0600, from.session.nextRid(), "data", data)
                : End.event(tier, 0x0600, "data", data)));
        from.session.seal(queue, now);
        if (from == i) {
            sentByI++;
        } else {
            sentByR++;
        }
    }

    private void command(End from) {
        switch (next() % 6) {
            case 0 -> from.session.rotate(now);
            case 1 -> from.session.close("enough", now);
            case 2 -> from.session.revoke("gone", now);
            case 3 -> from.session.linkEnded();
            case 4 -> from.session.sendKeepalive(now);
            default -> {
                if (i.ticket != null) {
                    Wish resuming = Wish.any(settings).resuming(i.ticket);
                    finish();
                    begin(resuming);
                }
            }
        }
    }

    private void check() {
        if (i.established != null && r.established != null) {
            require(i.established.uid().equals(r.established.uid()), "one session has two names");
            require(i.established.peer().node().equals(RESPONDER.node())
                    && r.established.peer().node().equals(INITIATOR.node()), "somebody else is there");
            require(i.established.tier() == r.established.tier(), "one session has two tiers");
        }
        if (!takenOver) {
            require(r.messages.size() <= sentByI && i.messages.size() <= sentByR,
                    "a message came that nobody sent");
        }
        for (End end : List.of(i, r)) {
            require(end.session.isClosed() == (end.ended != null), "closed without a word");
            require(!end.session.isClosed() || end.session.nextTick() == Long.MAX_VALUE,
                    "ticks after its end");
            require(end.messages.isEmpty() || end.established != null, "a message before the session");
            require(end.messages.stream().allMatch(message -> message.status() != ErrorCode.OK || takenOver),
                    "an answer that nobody gave");
        }
    }

    /** Without a word from the other side every session ends. */
    private void finish() {
        for (int hour = 0; hour < 3; hour++) {
            now += HOUR;
            i.session.tick(now);
            r.session.tick(now);
        }
        require(i.session.isClosed() && r.session.isClosed(), "a session outlives its silence");
        check();
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
