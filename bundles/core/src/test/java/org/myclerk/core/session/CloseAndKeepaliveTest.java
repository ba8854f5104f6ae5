package org.myclerk.core.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.myclerk.core.session.Pair.NOW;

import java.util.Arrays;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Envelope;
import org.myclerk.core.session.Ended.Cause;

/** How a session stays alive and how it ends (profile §14, §18). */
class CloseAndKeepaliveTest {

    private static void nothingAt(End end, long now) {
        end.session.tick(now);
        assertTrue(end.frames.isEmpty());
        assertNull(end.ended);
    }

    @Test
    void asksAfter30And40And60SecondsAndEndsAfter90() {
        Pair pair = Pair.open(Tier.T4);
        long last = 0;
        for (long seconds : new long[] {30, 40, 60}) {
            nothingAt(pair.r, NOW + seconds * 1000 - 1);
            assertEquals(NOW + seconds * 1000, pair.r.session.nextTick());
            pair.r.session.tick(NOW + seconds * 1000);
            byte[] frame = pair.r.next();
            assertEquals(1, Opened.operation(frame));
            assertEquals(Tier.T4.number(), frame[0] >> 3);
            long rid = (Long) Opened.payload(pair.i, frame).get("rid");
            assertTrue(rid > last);
            last = rid;
        }
        nothingAt(pair.r, NOW + 89_999);
        assertEquals(NOW + 90_000, pair.r.session.nextTick());
        pair.r.session.tick(NOW + 90_000);
        assertEquals(Cause.TIMEOUT, pair.r.ended.cause());
        assertEquals(0, pair.admission.sessionCount());
    }

    @Test
    void asksOnceHoweverLateItIsTicked() {
        Pair pair = Pair.open(Tier.T4);
        pair.r.session.tick(NOW + 65_000);
        assertEquals(1, pair.r.frames.size());
        nothingAt(new Pair().open().r, NOW + 10);
    }

    @Test
    void staysAliveWhenItIsAnswered() {
        Pair pair = Pair.open(Tier.T3);
        long now = NOW;
        for (int n = 0; n < 20; n++) {
            now += 30_000;
            pair.i.session.tick(now);
            pair.r.session.tick(now);
            pair.pump(now);
        }
        assertNull(pair.i.ended);
        assertNull(pair.r.ended);
        pair.check();
    }

    @Test
    void countsTheAnswersToItsOwnKeepalivesOnly() {
        Pair pair = Pair.open(Tier.T4);
        pair.r.receive(pair.forge(pair.i, Tier.T4, 0x0002, End.payload(Envelope.response(5, ErrorCode.OK))),
                NOW);
        pair.r.receive(pair.forge(pair.i, Tier.T4, 0x0002, End.payload(Envelope.response(0, ErrorCode.OK))),
                NOW);
        assertEquals(0, pair.r.session.keepaliveAnswers());
        pair.r.session.tick(NOW + 30_000);
        pair.pump(NOW + 30_000);
        assertEquals(1, pair.r.session.keepaliveAnswers());
    }

    /** Keeps both ends alive, by keepalives alone. */
    private static void quiet(Pair pair, long from, long to) {
        for (long now = from; now < to; now += 25_000) {
            pair.r.receive(pair.forge(pair.i, Tier.T4, 1, End.payload(Envelope.request(9))), now);
            pair.i.receive(pair.r.next(), now);
            pair.r.session.tick(now);
        }
    }

    @Test
    void closesWhenIdle() {
        Pair pair = Pair.open(Tier.T4);
        quiet(pair, NOW, NOW + 900_000);
        nothingAt(pair.r, NOW + 899_999);
        assertTrue(pair.r.session.nextTick() <= NOW + 900_000);
        pair.r.session.tick(NOW + 900_000);
        byte[] close = pair.r.next();
        assertEquals(5, Opened.operation(close));
        pair.i.receive(close, NOW + 900_000);
        assertEquals(Cause.CLOSED, pair.i.ended.cause());
        assertEquals("idle", pair.i.ended.reason());
    }

    @Test
    void isNotIdleWhileItIsHeldOrUsed() {
        Pair held = Pair.open(Tier.T4);
        held.r.held = true;
        quiet(held, NOW, NOW + 900_000);
        nothingAt(held.r, NOW + 900_000);
        assertTrue(held.r.session.nextTick() > NOW + 900_000);
        for (boolean sending : new boolean[] {true, false}) {
            Pair used = Pair.open(Tier.T4);
            quiet(used, NOW, NOW + 450_000);
            if (sending) {
                used.r.send(NOW + 450_000, End.event(Tier.T4, 0x0600));
            } else {
                used.i.send(NOW + 450_000, End.event(Tier.T4, 0x0600));
                used.r.receive(used.i.next(), NOW + 450_000);
            }
            used.pump(NOW + 450_000);
            quiet(used, NOW + 450_000, NOW + 900_000);
            nothingAt(used.r, NOW + 900_000);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void closesInOrder(boolean initiator) {
        Pair pair = Pair.open(Tier.T5);
        End closing = initiator ? pair.i : pair.r;
        End other = initiator ? pair.r : pair.i;
        closing.session.close("enough", NOW);
        closing.session.close("again", NOW);
        assertFalse(closing.session.isOpen());
        assertFalse(closing.session.isClosed());
        byte[] close = closing.next();
        assertEquals(Tier.T5.number(), close[0] >> 3);
        other.receive(close, NOW);
        assertEquals(new Ended(Cause.CLOSED, ErrorCode.OK, "enough", true, null), other.ended);
        closing.receive(other.next(), NOW);
        assertEquals(new Ended(Cause.CLOSED, ErrorCode.OK, "enough", false, null), closing.ended);
        assertEquals(0, pair.admission.sessionCount());
    }

    @Test
    void acknowledgesACloseWithAndWithoutRid() {
        for (long rid : new long[] {0, 77}) {
            Pair pair = Pair.open(Tier.T4);
            pair.r.receive(pair.forge(pair.i, Tier.T3, 5,
                    End.payload(rid == 0 ? Envelope.NONE : Envelope.request(rid))), NOW);
            byte[] answer = pair.r.next();
            assertEquals(6, Opened.operation(answer));
            assertEquals(Tier.T3.number(), answer[0] >> 3);
            assertEquals(rid == 0 ? Map.of("status", 0L) : Map.of("rid", rid, "status", 0L),
                    Opened.payload(pair.i, answer));
            assertTrue(pair.r.ended.byPeer());
        }
    }

    @Test
    void takesAnAcknowledgementWithoutRid() {
        Pair pair = Pair.open(Tier.T4);
        pair.i.session.close(null, NOW);
        pair.i.receive(pair.forge(pair.r, Tier.T4, 6, End.payload(Envelope.response(999, ErrorCode.OK))),
                NOW);
        assertNull(pair.i.ended);
        pair.i.receive(pair.forge(pair.r, Tier.T4, 6, End.payload(Envelope.response(0, ErrorCode.OK))), NOW);
        assertEquals(Cause.CLOSED, pair.i.ended.cause());
    }

    @Test
    void ignoresAnAcknowledgementNobodyAskedFor() {
        Pair pair = Pair.open(Tier.T4);
        pair.r.receive(pair.forge(pair.i, Tier.T4, 6, End.payload(Envelope.response(0, ErrorCode.OK))), NOW);
        pair.check();
    }

    @Test
    void executesNothingWhileClosing() {
        Pair pair = Pair.open(Tier.T4);
        pair.i.session.close("bye", NOW);
        pair.i.receive(pair.forge(pair.r, Tier.T4, 0x0600, End.payload(Envelope.request(1))), NOW);
        assertTrue(pair.i.messages.isEmpty());
        pair.i.session.rotate(NOW);
        pair.i.send(NOW);
        assertEquals(1, pair.i.frames.size());
        pair.i.session.tick(NOW + 4_999);
        assertNull(pair.i.ended);
        assertEquals(NOW + 5_000, pair.i.session.nextTick());
        pair.i.session.tick(NOW + 5_000);
        assertEquals(Cause.CLOSED, pair.i.ended.cause());
    }

    @Test
    void closesWhenBothDo() {
        Pair pair = Pair.open(Tier.T4);
        pair.i.session.close("one", NOW);
        pair.r.session.close("two", NOW);
        pair.pump();
        assertTrue(pair.i.session.isClosed());
        assertTrue(pair.r.session.isClosed());
    }

    @Test
    void repeatsACloseOnAnUnorderedTransport() {
        Pair pair = new Pair().line(Line.UDP).open();
        pair.i.session.close("bye", NOW);
        pair.i.next();
        pair.i.session.tick(NOW + 1_000);
        assertEquals(1, pair.i.frames.size());
        pair.i.session.tick(NOW + 3_000);
        pair.i.session.tick(NOW + 7_999);
        assertNull(pair.i.ended);
        pair.pump();
        assertTrue(pair.r.session.isClosed());
        assertTrue(pair.i.session.isClosed());
        Pair lost = new Pair().line(Line.UDP).open();
        lost.i.session.close("bye", NOW);
        lost.i.session.tick(NOW + 8_000);
        assertEquals(Cause.CLOSED, lost.i.ended.cause());
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4, 5})
    void revokesAtTheTierOfKeyManagement(int tier) {
        Pair pair = Pair.open(Tier.of(tier));
        pair.i.session.revoke(null, NOW);
        byte[] frame = pair.i.next();
        assertEquals(Math.max(4, tier), frame[0] >> 3);
        assertEquals(0x17, Opened.operation(frame));
        pair.r.receive(frame, NOW);
        assertEquals(Cause.REVOKED, pair.r.ended.cause());
        assertTrue(pair.r.frames.isEmpty());
        assertEquals(Cause.REVOKED, pair.i.ended.cause());
    }

    @Test
    void revokesWhileClosing() {
        Pair pair = Pair.open(Tier.T4);
        pair.r.session.close("bye", NOW);
        pair.r.session.revoke("now", NOW);
        assertEquals(Cause.REVOKED, pair.r.ended.cause());
    }

    @Test
    void erasesItsKeysWhenItEnds() {
        Pair pair = Pair.open(Tier.T4);
        byte[] root = pair.i.session.traffic.root.bytes();
        pair.i.session.linkEnded();
        assertEquals(-1, Arrays.mismatch(new byte[32], root));
    }

    @Test
    void numbersItsRequestsFromOne() {
        Pair pair = Pair.open(Tier.T4);
        assertEquals(1, pair.i.session.nextRid());
        assertEquals(2, pair.i.session.nextRid());
    }
}
