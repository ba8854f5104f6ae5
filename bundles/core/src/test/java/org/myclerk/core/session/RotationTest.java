package org.myclerk.core.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.myclerk.core.session.Pair.NOW;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Envelope;
import org.myclerk.core.crypto.KeySchedule;
import org.myclerk.core.crypto.Wired;
import org.myclerk.core.frame.Reassembly;
import org.myclerk.core.frame.SealingHalves;
import org.myclerk.core.session.Ended.Cause;

/** New keys (profile §13): who asks, when, and what is refused. */
class RotationTest {

    private static final int ROTATE = 0x0016;
    private static final byte[] KEY = TestNode.filled(32, 9);

    private static byte[] request(long rid, long generation) {
        return End.payload(Envelope.request(rid), "rotation-counter", generation);
    }

    private static byte[] answer(long rid, long generation) {
        return End.payload(Envelope.response(rid, ErrorCode.OK), "rotation-counter", generation);
    }

    @ParameterizedTest
    @EnumSource(names = {"T3", "T4", "T5"})
    void rotatesOnDemandOfEitherSide(Tier tier) {
        Pair pair = Pair.open(tier);
        long now = NOW;
        for (int n = 1; n <= 4; n++) {
            End asking = n % 2 == 0 ? pair.r : pair.i;
            asking.session.rotate(now);
            pair.pump(now);
            assertEquals(n, pair.i.session.generation());
            assertEquals(n, pair.r.session.generation());
            pair.check();
            now += 12_000;
        }
        assertEquals(List.of(1L, 2L, 3L, 4L), pair.i.rotations);
        assertEquals(List.of(1L, 2L, 3L, 4L), pair.r.rotations);
    }

    @Test
    void keepsSendingUnderTheOldKeysUntilItIsAnswered() {
        Pair pair = Pair.open(Tier.T4);
        pair.i.session.rotate(NOW);
        byte[] request = pair.i.next();
        pair.i.send(NOW, End.request(Tier.T4, 0x0600, 1));
        byte[] old = pair.i.next();
        assertEquals(0, Opened.keyId(old));
        pair.r.receive(request, NOW);
        byte[] answer = pair.r.next();
        assertEquals(0, Opened.keyId(answer));
        pair.r.send(NOW, End.event(Tier.T4, 0x0601));
        byte[] early = pair.r.next();
        assertEquals(1, Opened.keyId(early));
        pair.r.receive(old, NOW);
        assertEquals(1, pair.r.messages.size());
        pair.i.receive(answer, NOW);
        byte[] keepalive = pair.i.next();
        assertEquals(1, Opened.keyId(keepalive));
        assertEquals(1, Opened.operation(keepalive));
        pair.i.receive(early, NOW);
        assertEquals(1, pair.i.messages.size());
        pair.r.receive(keepalive, NOW);
        assertNull(pair.r.session.traffic.former());
        pair.pump();
        pair.check();
    }

    @Test
    void refusesTheOldKeysOnceThePeerHasFollowedOnAnOrderedTransport() {
        Pair other = Pair.open(Tier.T4);
        byte[] stale = other.forge(other.r, Tier.T4, 0x0600, new byte[] {(byte) 0x80});
        other.i.receive(stale, NOW);
        other.i.session.rotate(NOW);
        other.pump();
        other.i.receive(stale, NOW);
        assertEquals(Cause.VIOLATION, other.i.ended.cause());
    }

    @Test
    void settlesWhenBothAskAtOnce() {
        for (boolean initiatorFirst : new boolean[] {true, false}) {
            Pair pair = Pair.open(Tier.T4);
            pair.i.session.rotate(NOW);
            pair.r.session.rotate(NOW);
            byte[] fromInitiator = pair.i.next();
            byte[] fromResponder = pair.r.next();
            if (initiatorFirst) {
                pair.r.receive(fromInitiator, NOW);
                pair.i.receive(fromResponder, NOW);
            } else {
                pair.i.receive(fromResponder, NOW);
                assertTrue(pair.i.frames.isEmpty());
                pair.r.receive(fromInitiator, NOW);
            }
            pair.pump();
            assertEquals(List.of(1L), pair.i.rotations);
            assertEquals(List.of(1L), pair.r.rotations);
            pair.check();
        }
    }

    @Test
    void ignoresTheLateRequestOfAResponderThatLost() {
        Pair pair = new Pair().line(Line.UDP).tiers(Tier.T4, Tier.T4).open();
        pair.i.session.rotate(NOW);
        pair.r.session.rotate(NOW);
        byte[] late = pair.r.next();
        pair.pump();
        pair.i.receive(late, NOW);
        assertTrue(pair.i.frames.isEmpty());
        assertEquals(1, pair.i.session.generation());
        pair.check();
    }

    @Test
    void rotatesWhenTheKeysAreADayOld() {
        Pair pair = Pair.open(Tier.T4);
        pair.i.held = true;
        pair.r.held = true;
        long day = NOW + Duration.ofHours(24).toMillis();
        keepAlive(pair, day - 1);
        pair.i.session.tick(day - 1);
        assertTrue(pair.i.frames.isEmpty());
        assertTrue(pair.i.session.nextTick() <= day);
        pair.i.session.tick(day);
        pair.pump(day);
        assertEquals(1, pair.r.session.generation());
        assertEquals(1, pair.i.session.generation());
    }

    private static void keepAlive(Pair pair, long now) {
        pair.r.receive(pair.forge(pair.i, Tier.T4, 0, new byte[0]), now);
        pair.i.receive(pair.forge(pair.r, Tier.T4, 0, new byte[0]), now);
        pair.i.session.tick(now);
        pair.r.session.tick(now);
        pair.i.frames.clear();
        pair.r.frames.clear();
    }

    @Test
    void endsTenMinutesAfterTheDayWithoutNewKeys() {
        Pair pair = new Pair().line(Line.UDP).tiers(Tier.T4, Tier.T4).open();
        pair.i.held = true;
        long end = NOW + Duration.ofHours(24).toMillis() + 600_000;
        pair.i.receive(pair.forge(pair.r, Tier.T4, 0, new byte[0]), end - 1);
        pair.i.session.tick(end - 1);
        assertNull(pair.i.ended);
        pair.i.session.tick(end);
        assertEquals(Cause.LIMIT, pair.i.ended.cause());
    }

    @Test
    void rotatesAfterTheNumberOfFramesOfEitherDirection() {
        for (boolean initiator : new boolean[] {true, false}) {
            Pair pair = new Pair().tiers(Tier.T4, Tier.T4)
                    .limits(Limits.DEFAULT.withRotation(Duration.ofHours(24), 20)).open();
            End busy = initiator ? pair.i : pair.r;
            for (int n = 0; n < 25; n++) {
                busy.send(NOW, End.event(Tier.T4, 0x0600));
            }
            pair.pump();
            assertEquals(1, pair.i.session.generation());
            assertEquals(1, pair.r.session.generation());
            assertEquals(25, initiator ? pair.r.messages.size() : pair.i.messages.size());
            pair.check();
        }
    }

    /** The initiator has sealed that many frames; the responder does not see what comes of it. */
    private static Pair sealed(Line line, long frames) {
        Pair pair = new Pair().line(line).tiers(Tier.T4, Tier.T4).open();
        Traffic traffic = pair.i.session.traffic;
        traffic.sending = SealingHalves.at(Wired.JDK, KeySchedule.applicationKeys(traffic.root, true,
                traffic.transcript), 0,
                frames);
        return pair;
    }

    @Test
    void rotatesAfterTwoToThe31Frames() {
        Pair pair = sealed(Line.TCP, (1L << 31) - 2);
        pair.i.send(NOW, End.event(Tier.T4, 0x0600));
        assertEquals(1, pair.i.frames.size());
        pair.i.send(NOW, End.event(Tier.T4, 0x0600));
        assertEquals(3, pair.i.frames.size());
        assertEquals(ROTATE, Opened.operation(pair.i.frames.getLast()));
    }

    @Test
    void endsWhenTheCounterIsExhausted() {
        Pair sending = sealed(Line.TCP, (1L << 32) - 2);
        sending.i.send(NOW, End.event(Tier.T4, 0x0600));
        assertEquals(2, sending.i.frames.size());
        sending.i.send(NOW, End.event(Tier.T4, 0x0600));
        assertEquals(Cause.LIMIT, sending.i.ended.cause());
        assertEquals(2, sending.i.frames.size());
        Pair answering = sealed(Line.TCP, 1L << 32);
        answering.i.receive(answering.forge(answering.r, Tier.T4, 1, End.payload(Envelope.request(1))), NOW);
        assertEquals(Cause.LIMIT, answering.i.ended.cause());
        Pair repeating = new Pair().line(Line.UDP).tiers(Tier.T4, Tier.T4).open();
        repeating.i.send(NOW, End.request(Tier.T4, 0x0600, 1));
        Traffic traffic = repeating.i.session.traffic;
        traffic.sending = SealingHalves.at(Wired.JDK, KeySchedule.applicationKeys(traffic.root, true,
                traffic.transcript), 0,
                1L << 32);
        repeating.i.session.tick(NOW + 1_000);
        assertEquals(Cause.LIMIT, repeating.i.ended.cause());
    }

    @Test
    void refusesASecondRotationWithinTenSeconds() {
        Pair pair = Pair.open(Tier.T4);
        pair.i.session.rotate(NOW);
        pair.pump();
        pair.r.receive(pair.forge(pair.i, Tier.T4, ROTATE, false, false, KEY, request(900, 2)), NOW + 9_999);
        byte[] refusal = pair.r.next();
        assertEquals(ROTATE, Opened.operation(refusal));
        assertEquals(1, Opened.keyId(refusal));
        for (int at = 16; at < 48; at++) {
            assertEquals(0, refusal[at]);
        }
        assertEquals(Map.of("rid", 900L, "status", 0x10L), Opened.payload(pair.i, refusal));
        pair.r.receive(pair.forge(pair.i, Tier.T4, ROTATE, false, false, KEY, request(901, 2)), NOW + 10_000);
        assertEquals(2, pair.r.session.generation());
    }

    @Test
    void waitsWithADemandThatComesTooSoon() {
        Pair pair = Pair.open(Tier.T4);
        pair.i.session.rotate(NOW);
        pair.pump();
        pair.i.session.rotate(NOW + 1);
        assertTrue(pair.i.frames.isEmpty());
        assertEquals(NOW + 11_000, pair.i.session.nextTick());
        pair.i.session.tick(NOW + 11_000);
        pair.pump(NOW + 11_000);
        assertEquals(2, pair.i.session.generation());
        pair.check();
    }

    /** Requests that are answered with a refusal. */
    @ParameterizedTest
    @CsvSource({"2,true", "7,true", "4294967295,true", "1,false"})
    void refusesRequestsThatMakeNoSense(long generation, boolean key) {
        Pair pair = Pair.open(Tier.T4);
        pair.r.receive(pair.forge(pair.i, Tier.T4, ROTATE, false, false, key ? KEY : null, request(5,
                generation)), NOW);
        assertEquals(Map.of("rid", 5L, "status", 0x10L), Opened.payload(pair.i, pair.r.next()));
        assertEquals(0, pair.r.session.generation());
        pair.check();
    }

    @Test
    void ignoresRequestsForGenerationsThatAreThere() {
        Pair pair = Pair.open(Tier.T4);
        pair.i.session.rotate(NOW);
        pair.pump();
        for (long generation : new long[] {0, 1}) {
            pair.r.receive(pair.forge(pair.i, Tier.T4, ROTATE, false, false, KEY, request(5, generation)),
                    NOW + 20_000);
        }
        assertTrue(pair.r.frames.isEmpty());
        assertNull(pair.r.ended);
        pair.check();
    }

    @Test
    void ignoresARotationBelowItsTierAndAnswersIt() {
        Pair pair = Pair.open(Tier.T5);
        pair.r.receive(pair.forge(pair.i, Tier.T4, ROTATE, false, false, KEY, request(5, 1)), NOW);
        assertEquals(Map.of("rid", 5L, "status", 0x12L, "required-tier", 5L),
                Opened.payload(pair.i, pair.r.next()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"rid", "generation", "key", "tier", "content"})
    void ignoresAnswersThatDoNotFit(String what) {
        Pair pair = Pair.open(Tier.T5);
        long rid = pair.i.session.nextRid() + 1;
        pair.i.session.rotate(NOW);
        pair.i.next();
        byte[] payload = what.equals("content") ? End.payload(Envelope.response(rid, ErrorCode.OK))
                : answer(what.equals("rid") ? rid + 1 : rid, what.equals("generation") ? 2 : 1);
        pair.i.receive(pair.forge(pair.r, what.equals("tier") ? Tier.T4 : Tier.T5, ROTATE, false, false,
                what.equals("key") ? null : KEY, payload), NOW);
        assertNull(pair.i.ended);
        assertEquals(0, pair.i.session.generation());
        pair.i.session.tick(NOW + 29_999);
        assertNull(pair.i.ended);
        pair.i.session.tick(NOW + 30_000);
        assertEquals(Cause.TIMEOUT, pair.i.ended.cause());
    }

    @Test
    void goesOnAfterARefusal() {
        Pair pair = Pair.open(Tier.T4);
        long rid = pair.i.session.nextRid() + 1;
        pair.i.session.rotate(NOW);
        pair.i.next();
        pair.i.receive(pair.forge(pair.r, Tier.T4, ROTATE, End.payload(Envelope.response(rid,
                ErrorCode.BAD_REQUEST))), NOW);
        assertEquals(0, pair.i.session.generation());
        pair.i.session.tick(NOW + 30_000);
        assertNull(pair.i.ended);
    }

    @Test
    void closesOnAnAllZeroResult() {
        byte[] small = new byte[32];
        small[0] = 1;
        Pair asked = Pair.open(Tier.T4);
        asked.r.receive(asked.forge(asked.i, Tier.T4, ROTATE, false, false, small, request(5, 1)), NOW);
        assertEquals(Cause.VIOLATION, asked.r.ended.cause());
        Pair asking = Pair.open(Tier.T4);
        asking.i.session.rotate(NOW);
        asking.i.receive(asking.forge(asking.r, Tier.T4, ROTATE, false, false, small, answer(1, 1)), NOW);
        assertEquals(Cause.VIOLATION, asking.i.ended.cause());
    }

    @Test
    void checksThePeersCertificateAgain() {
        Pair answering = Pair.open(Tier.T4);
        answering.responderNode.revoked.add(1L);
        answering.i.session.rotate(NOW);
        answering.pump();
        assertEquals(ErrorCode.UNAUTHORIZED, answering.r.ended.code());
        Pair asking = Pair.open(Tier.T4);
        asking.initiatorNode.revoked.add(2L);
        asking.i.session.rotate(NOW);
        asking.pump();
        assertEquals(ErrorCode.UNAUTHORIZED, asking.i.ended.code());
    }

    @Test
    void ignoresARepeatedRequestOnAnOrderedTransport() {
        Pair pair = Pair.open(Tier.T4);
        byte[] first = pair.forge(pair.i, Tier.T4, ROTATE, false, false, KEY, request(5, 1));
        byte[] second = pair.forge(pair.i, Tier.T4, ROTATE, false, false, KEY, request(5, 1));
        pair.r.receive(first, NOW);
        assertEquals(1, pair.r.frames.size());
        pair.r.receive(second, NOW);
        assertEquals(1, pair.r.frames.size());
        assertNull(pair.r.ended);
    }

    @Test
    void refusesTheNextGenerationAskedForUnderKeysOfTheOneBefore() {
        Pair pair = Pair.open(Tier.T4);
        pair.r.receive(pair.forge(pair.i, Tier.T4, ROTATE, false, false, KEY, request(5, 1)), NOW);
        pair.r.frames.clear();
        pair.r.receive(pair.forge(pair.i, Tier.T4, ROTATE, false, false, KEY, request(6, 2)), NOW + 20_000);
        assertEquals(1, pair.r.frames.size());
        assertEquals(1, pair.r.session.generation());
    }

    @Test
    void startsNoneWhileThePeerHasNotFollowed() {
        Pair pair = Pair.open(Tier.T4);
        pair.i.session.rotate(NOW);
        byte[] request = pair.i.next();
        pair.r.receive(request, NOW);
        byte[] answer = pair.r.next();
        pair.r.session.rotate(NOW + 20_000);
        pair.r.session.tick(NOW + 20_000);
        assertTrue(pair.r.frames.isEmpty());
        assertTrue(pair.r.session.nextTick() > NOW + 20_000);
        pair.i.receive(answer, NOW + 20_000);
        pair.r.receive(pair.i.next(), NOW + 20_000);
        pair.pump(NOW + 20_000);
        assertEquals(1, pair.r.session.generation());
        pair.i.session.tick(NOW + 31_000);
        pair.r.session.tick(NOW + 31_000);
        pair.pump(NOW + 31_000);
        assertFalse(pair.r.session.isClosed());
    }

    @Test
    void repeatsRequestAndAnswerOnAnUnorderedTransport() {
        Pair pair = new Pair().line(Line.UDP).tiers(Tier.T4, Tier.T4).open();
        pair.i.session.rotate(NOW);
        byte[] lost = pair.i.next();
        long now = NOW;
        byte[] repeat = null;
        for (long wait : new long[] {1_000, 2_000, 4_000, 8_000, 8_000}) {
            now += wait;
            pair.i.session.tick(now - 1);
            assertTrue(pair.i.frames.isEmpty());
            pair.i.session.tick(now);
            repeat = pair.i.next();
        }
        assertFalse(Arrays.equals(lost, repeat));
        pair.r.receive(repeat, now);
        byte[] answer = pair.r.next();
        pair.r.receive(lost, now);
        byte[] again = pair.r.next();
        assertFalse(Arrays.equals(answer, again));
        assertTrue(Arrays.equals(answer, 16, 48, again, 16, 48));
        assertEquals(0, Opened.keyId(again));
        pair.i.receive(again, now);
        pair.i.receive(answer, now);
        pair.pump(now);
        assertEquals(1, pair.i.session.generation());
        assertEquals(1, pair.r.session.generation());
        pair.check();
    }

    @Test
    void ignoresAnotherEphemeralForOneGeneration() {
        Pair pair = new Pair().line(Line.UDP).tiers(Tier.T4, Tier.T4).open();
        pair.r.receive(pair.forge(pair.i, Tier.T4, ROTATE, false, false, KEY, request(5, 1)), NOW);
        pair.r.next();
        pair.r.receive(pair.forge(pair.i, Tier.T4, ROTATE, false, false, TestNode.filled(32, 8), request(5,
                1)), NOW);
        assertTrue(pair.r.frames.isEmpty());
        pair.r.receive(pair.forge(pair.i, Tier.T4, ROTATE, false, false, KEY, request(5, 1)), NOW);
        assertEquals(1, pair.r.frames.size());
    }

    @Test
    void keepsTheOldKeysThirtySecondsLongerOnAnUnorderedTransport() {
        Pair pair = new Pair().line(Line.UDP).tiers(Tier.T4, Tier.T4).open();
        byte[] late = pair.forge(pair.i, Tier.T4, 0x0600, new byte[] {(byte) 0x80});
        byte[] tooLate = pair.forge(pair.i, Tier.T4, 0x0600, new byte[] {(byte) 0x80});
        byte[] atTierThree = pair.forge(pair.i, Tier.T3, 0x0600, new byte[] {(byte) 0x80});
        pair.i.session.rotate(NOW);
        pair.pump();
        pair.r.receive(late, NOW + 10_000);
        pair.r.receive(atTierThree, NOW + 10_000);
        assertEquals(2, pair.r.messages.size());
        assertTrue(pair.r.session.nextTick() <= NOW + 30_000);
        pair.r.session.tick(NOW + 30_000);
        pair.r.receive(tooLate, NOW + 30_000);
        assertEquals(2, pair.r.messages.size());
        assertNull(pair.r.ended);
    }

    @Test
    void takesPiecesOfTwoGenerations() {
        Pair pair = Pair.open(Tier.T4);
        byte[] payload = End.payload(Envelope.NONE, "text", "abcdefghij");
        int half = payload.length / 2;
        byte[] first = new byte[8 + half + 1];
        Reassembly.header(first, 0, 1, 0, 2);
        System.arraycopy(payload, 0, first, 8, half + 1);
        byte[] second = new byte[8 + payload.length - half - 1];
        Reassembly.header(second, 0, 1, 1, 2);
        System.arraycopy(payload, half + 1, second, 8, payload.length - half - 1);
        pair.r.receive(pair.forge(pair.i, Tier.T4, 0x0600, false, true, null, first), NOW);
        pair.i.session.rotate(NOW);
        pair.pump();
        pair.r.receive(pair.forge(pair.i, Tier.T4, 0x0600, false, true, null, second), NOW);
        assertEquals("abcdefghij", pair.r.lastMessage().payload().toMap().get("text"));
    }

    @Test
    void forgetsAnOpenRequestWhenTheSessionEnds() {
        Pair pair = Pair.open(Tier.T4);
        pair.i.session.rotate(NOW);
        pair.i.session.linkEnded();
        assertEquals(Cause.CLOSED, pair.i.ended.cause());
        pair.i.session.rotate(NOW);
        assertEquals(1, pair.i.frames.size());
    }
}
