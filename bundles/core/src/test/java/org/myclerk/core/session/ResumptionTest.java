package org.myclerk.core.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.myclerk.core.session.Pair.NOW;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Fields;
import org.myclerk.api.payload.Payload;
import org.myclerk.core.crypto.KeySchedule;
import org.myclerk.core.crypto.Secret;
import org.myclerk.core.crypto.Wired;
import org.myclerk.core.frame.Frame;
import org.myclerk.core.frame.PlainFrames;
import org.myclerk.core.frame.SealingHalf;
import org.myclerk.core.session.Ended.Cause;

/** Coming back with a ticket (profile §12). */
class ResumptionTest {

    /** Opens a session, then starts another with its ticket; nothing has moved yet. */
    private static Pair resuming(Tier tier) {
        Pair pair = Pair.open(tier);
        pair.wish = pair.wish.resuming(pair.i.ticket);
        return pair.start();
    }

    private static Map<String, Object> plainPayload(byte[] bytes) {
        try {
            Frame frame = Frame.parse(bytes, 0, bytes.length);
            return Payload.decode(bytes, frame.bodyOffset(), frame.bodyLength()).toMap();
        } catch (Malformed wrong) {
            throw new AssertionError(wrong);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"T3", "T4", "T5"})
    void resumesInOneRoundTrip(Tier tier) {
        Pair pair = resuming(tier);
        pair.r.receive(pair.i.next(), NOW);
        assertTrue(pair.r.session.isOpen());
        pair.i.receive(pair.r.next(), NOW);
        assertTrue(pair.i.session.isOpen());
        assertTrue(pair.i.established.resumed());
        assertFalse(pair.i.confirmed);
        pair.i.send(NOW, End.request(tier, 0x0600, 1));
        pair.i.receive(pair.r.next(), NOW);
        assertTrue(pair.i.confirmed);
        pair.pump();
        assertEquals(pair.initiatorNode.node(), pair.r.established.peer().node());
        assertEquals(pair.i.established.uid(), pair.r.established.uid());
        assertEquals(1, pair.r.messages.size());
        pair.check();
        pair.i.session.rotate(NOW);
        pair.pump();
        pair.check();
    }

    @Test
    void goesOnFromTheSessionThatTheTicketCameWith() {
        Pair pair = Pair.open(Tier.T5);
        Ticket first = pair.i.ticket;
        Bytes firstUid = pair.r.established.uid();
        assertEquals(Bytes.EMPTY, pair.r.established.resumedFrom());
        pair.open();
        Ticket second = pair.i.ticket;
        Bytes secondUid = pair.r.established.uid();
        pair.wish = pair.wish.resuming(first);
        pair.open();
        assertEquals(firstUid, pair.r.established.resumedFrom());
        assertEquals(firstUid, pair.i.established.resumedFrom());
        pair.wish = pair.wish.resuming(second);
        pair.open();
        assertEquals(secondUid, pair.r.established.resumedFrom());
        assertEquals(secondUid, pair.i.established.resumedFrom());
    }

    @Test
    void resumesWithoutKnowingFromWhereAfterManyTickets() {
        Pair pair = Pair.open(Tier.T5);
        pair.wish = pair.wish.resuming(pair.i.ticket);
        for (int n = 0; n < 8192; n++) {
            pair.tickets.issue(new Random(n), TestNode.ROOT, pair.initiatorNode.node(), 1,
                    Bytes.wrap(new byte[16]),
                    Duration.ofHours(1), End.TIME);
        }
        pair.open();
        assertTrue(pair.r.established.resumed());
        assertEquals(Bytes.EMPTY, pair.r.established.resumedFrom());
    }

    @Test
    void resumesAgainWithTheNextTicket() {
        Pair pair = Pair.open(Tier.T5);
        for (int n = 0; n < 3; n++) {
            Ticket ticket = pair.i.ticket;
            pair.wish = pair.wish.resuming(ticket);
            pair.open();
            assertTrue(pair.i.established.resumed());
            assertFalse(Arrays.equals(ticket.secret().bytes(), pair.i.ticket.secret().bytes()));
        }
    }

    @Test
    void takesEachTicketOnce() {
        Pair pair = Pair.open(Tier.T5);
        pair.wish = pair.wish.resuming(pair.i.ticket);
        pair.open();
        pair.shake();
        refused(pair, ErrorCode.INVALID_SESSION);
    }

    private static void refused(Pair pair, ErrorCode code) {
        assertEquals(Cause.REFUSED, pair.i.ended.cause());
        assertEquals(code, pair.i.ended.code());
        assertTrue(pair.i.ended.byPeer());
        assertNull(pair.i.established);
        assertNull(pair.r.established);
        assertNotNull(pair.r.ended);
    }

    static Map<String, Consumer<Pair>> reasons() {
        Map<String, Consumer<Pair>> all = new LinkedHashMap<>();
        all.put("certificate revoked", pair -> pair.responderNode.revoked.add(1L));
        all.put("certificate gone", pair -> pair.responderNode.known.clear());
        all.put("keys gone", pair -> pair.tickets.erase());
        return all;
    }

    @ParameterizedTest
    @ValueSource(strings = {"certificate revoked", "certificate gone", "keys gone"})
    void refusesATicketWhose(String reason) {
        Pair pair = Pair.open(Tier.T5);
        pair.wish = pair.wish.resuming(pair.i.ticket);
        pair.start();
        reasons().get(reason).accept(pair);
        pair.pump();
        refused(pair, ErrorCode.INVALID_SESSION);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void refusesTheTicketsOfARevokedSession(boolean byInitiator) {
        Pair pair = Pair.open(Tier.T5);
        (byInitiator ? pair.i : pair.r).session.revoke("lost", NOW);
        pair.pump();
        assertEquals(Cause.REVOKED, pair.i.ended.cause());
        assertEquals(Cause.REVOKED, pair.r.ended.cause());
        assertEquals(!byInitiator, pair.i.ended.byPeer());
        assertEquals("lost", pair.i.ended.reason());
        assertEquals("lost", pair.r.ended.reason());
        pair.wish = pair.wish.resuming(pair.i.ticket);
        pair.shake();
        refused(pair, ErrorCode.INVALID_SESSION);
    }

    @Test
    void keepsTheTicketsOfAClosedSession() {
        Pair pair = Pair.open(Tier.T5);
        pair.i.session.close("later", NOW);
        pair.pump();
        assertEquals(Cause.CLOSED, pair.r.ended.cause());
        pair.wish = pair.wish.resuming(pair.i.ticket);
        pair.open();
        assertTrue(pair.i.established.resumed());
    }

    @Test
    void refusesAnExpiredTicket() {
        Pair pair = Pair.open(Tier.T5);
        Ticket ticket = pair.i.ticket;
        pair.wish = pair.wish.resuming(new Ticket(ticket.sessionId(), ticket.ticket(), ticket.iv(),
                ticket.tag(), ticket.secret(), Long.MAX_VALUE, ticket.peer(), ticket.session()));
        pair.clock.seconds += 86_400;
        pair.shake();
        refused(pair, ErrorCode.INVALID_SESSION);
    }

    @Test
    void refusesATicketThatIsNotIssuedYet() {
        Pair pair = Pair.open(Tier.T5);
        pair.wish = pair.wish.resuming(pair.i.ticket);
        pair.clock.seconds -= 301;
        pair.shake();
        refused(pair, ErrorCode.INVALID_SESSION);
        pair.clock.seconds += 1;
        pair.open();
    }

    @Test
    void shakesHandsInFullWithoutAGoodTicket() {
        Pair expired = Pair.open(Tier.T5);
        expired.wish = expired.wish.resuming(expired.i.ticket);
        expired.clock.seconds += 86_400;
        expired.open();
        assertFalse(expired.i.established.resumed());
        Pair revoked = Pair.open(Tier.T5);
        revoked.wish = revoked.wish.resuming(revoked.i.ticket);
        revoked.initiatorNode.revoked.add(2L);
        revoked.shake();
        assertEquals(ErrorCode.UNAUTHORIZED, revoked.i.ended.code());
        Pair elsewhere = Pair.open(Tier.T5);
        elsewhere.wish = elsewhere.wish.resuming(elsewhere.i.ticket).node(TestNode.member(3).node());
        elsewhere.shake();
        assertNull(elsewhere.i.established);
        assertEquals(ErrorCode.UNAUTHORIZED, elsewhere.i.ended.code());
    }

    /** wanted, maximum and minimum of R, outcome. */
    @ParameterizedTest
    @CsvSource({"5,4,3,4", "3,5,3,3", "4,5,3,4", "5,3,3,3", "3,5,4,required 4", "4,5,5,required 5"})
    void negotiatesTheTierAnew(int wanted, int maximum, int minimum, String outcome) {
        Pair pair = Pair.open(Tier.T5);
        pair.wish = pair.wish.resuming(pair.i.ticket).tiers(Tier.of(wanted), Tier.T3);
        pair.wish = pair.wish.tiers(Tier.of(wanted), Tier.T3);
        pair.responder(Tier.of(maximum), Tier.of(minimum)).shake();
        if (outcome.startsWith("required")) {
            refused(pair, ErrorCode.FORBIDDEN);
            assertEquals(Tier.of(Integer.parseInt(outcome.substring(9))), pair.i.ended.requiredTier());
            pair.responder(Tier.T5, Tier.T3).open();
            assertTrue(pair.i.established.resumed(), "a refusal leaves the ticket unused");
        } else {
            assertEquals(Tier.of(Integer.parseInt(outcome)), pair.i.established.tier());
            assertTrue(pair.i.established.resumed());
            pair.check();
        }
    }

    @Test
    void refusesTooManySessionsAndLeavesTheTicketUnused() {
        Pair all = new Pair().limits(Limits.DEFAULT.withSessions(1, 16)).open();
        End first = all.r;
        all.wish = all.wish.resuming(all.i.ticket);
        all.shake();
        refused(all, ErrorCode.SERVICE_UNAVAILABLE);
        first.session.linkEnded();
        all.open();
        Pair node = new Pair().limits(Limits.DEFAULT.withSessions(10, 1)).open();
        End only = node.r;
        node.wish = node.wish.resuming(node.i.ticket);
        node.shake();
        refused(node, ErrorCode.SERVICE_UNAVAILABLE);
        only.session.linkEnded();
        node.open();
        assertTrue(node.i.established.resumed());
        assertEquals(1, node.admission.sessionCount());
    }

    private static Secret secretOf(Ticket ticket) {
        return Secret.wrap(ticket.secret().bytes().clone());
    }

    private static Map<String, Object> goodMap(Ticket ticket) {
        Map<String, Object> map = Forged.resumeMap(Bytes.wrap(TestNode.filled(8, 4)), End.TIME);
        map.put("old-session-id", (long) ticket.sessionId());
        map.put("ticket", ticket.ticket());
        map.put("ticket-iv", ticket.iv());
        map.put("ticket-tag", ticket.tag());
        return map;
    }

    private static Pair fresh() {
        Pair pair = Pair.open(Tier.T4);
        Ticket ticket = pair.i.ticket;
        pair.start();
        pair.i.ticket = ticket;
        pair.i.frames.clear();
        return pair;
    }

    private static Map<String, Object> answer(Pair pair, byte[] frame) {
        pair.r.receive(frame, NOW);
        return pair.r.frames.isEmpty() ? null : plainPayload(pair.r.next());
    }

    @Test
    void takesAForgedButRightRequest() {
        Pair pair = fresh();
        Map<String, Object> answer = answer(pair, Forged.bound(goodMap(pair.i.ticket), Tier.T4, End.TIME,
                secretOf(pair.i.ticket)));
        assertEquals(4L, answer.get("selected-tier"));
        assertFalse(answer.containsKey("selected-capabilities"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"old-session-id", "ticket", "ticket-iv", "ticket-tag", "nonce", "timestamp",
            "tier",
        "binder"})
    void answersAMissingFieldWithBadRequest(String missing) {
        Pair pair = fresh();
        Map<String, Object> map = goodMap(pair.i.ticket);
        map.remove(missing);
        Map<String, Object> answer = answer(pair, Forged.plain(Tier.T4, 0x0007, 0, 0, End.TIME,
                TestNode.filled(32, 9), map));
        assertEquals(0x10L, answer.get("status"));
        assertEquals(!missing.equals("nonce"), answer.containsKey("echo"));
    }

    @Test
    void answersABinderThatIsNotLastWithBadRequest() {
        Pair pair = fresh();
        Map<String, Object> map = goodMap(pair.i.ticket);
        map.put("later", Bytes.wrap(new byte[32]));
        Map<String, Object> answer = answer(pair, Forged.bound(map, Tier.T4, End.TIME,
                secretOf(pair.i.ticket)));
        assertEquals(Map.of("echo", Bytes.wrap(TestNode.filled(8, 4)), "status", 0x10L), answer);
    }

    @Test
    void answersWrongTiersAndWhatIsNoPayloadWithBadRequest() {
        for (Object[] one : List.of(new Object[] {Tier.T5, 4L}, new Object[] {Tier.T4, 5L},
                new Object[] {Tier.T4, 2L}, new Object[] {Tier.T4, 6L})) {
            Pair pair = fresh();
            Map<String, Object> map = goodMap(pair.i.ticket);
            map.put("tier", one[1]);
            map.put("binder", map.remove("binder"));
            assertEquals(0x10L, answer(pair, Forged.bound(map, (Tier) one[0], End.TIME,
                    secretOf(pair.i.ticket)))
                    .get("status"));
        }
        Pair pair = fresh();
        assertEquals(Map.of("status", 0x10L), answer(pair, PlainFrames.write(Tier.T4, 0x0007, 0,
                0, End.TIME, 0, TestNode.filled(32, 9), new byte[] {1})));
    }

    @Test
    void dropsAStaleTimestamp() {
        Pair pair = fresh();
        Map<String, Object> map = goodMap(pair.i.ticket);
        map.put("timestamp", End.TIME - 301);
        map.put("binder", map.remove("binder"));
        assertNull(answer(pair, Forged.bound(map, Tier.T4, End.TIME, secretOf(pair.i.ticket))));
        assertEquals(Cause.VIOLATION, pair.r.ended.cause());
    }

    @ParameterizedTest
    @ValueSource(strings = {"old-session-id", "ticket", "ticket-iv", "ticket-tag", "secret", "binder"})
    void refusesWhatWasAltered(String what) {
        Pair pair = fresh();
        Map<String, Object> map = goodMap(pair.i.ticket);
        Secret secret = secretOf(pair.i.ticket);
        switch (what) {
            case "old-session-id" -> map.put(what, (long) pair.i.ticket.sessionId() ^ 1);
            case "secret" -> secret.bytes()[3] ^= 1;
            case "binder" -> { }
            default -> {
                byte[] changed = ((Bytes) map.get(what)).toArray();
                changed[changed.length - 1] ^= 1;
                map.put(what, Bytes.wrap(changed));
            }
        }
        byte[] frame = what.equals("binder")
                ? Forged.plain(Tier.T4, 0x0007, 0, 0, End.TIME, TestNode.filled(32, 9), map)
                : Forged.bound(map, Tier.T4, End.TIME, secret);
        assertEquals(Map.of("echo", Bytes.wrap(TestNode.filled(8, 4)), "status", 0x17L), answer(pair, frame));
        assertEquals(Cause.REFUSED, pair.r.ended.cause());
    }

    @Test
    void refusesEveryAlteredByte() {
        Pair template = resuming(Tier.T5);
        int[] lengths = new int[3];
        lengths[0] = template.i.frames.peek().length;
        template.r.receive(template.i.next(), NOW);
        lengths[1] = template.r.next().length;
        lengths[2] = template.r.next().length;
        for (int number = 0; number < 3; number++) {
            for (int at = 0; at < lengths[number]; at += 3) {
                Pair pair = resuming(Tier.T5);
                byte[] first = pair.i.next();
                first[at % first.length] ^= (byte) (number == 0 ? 0x21 : 0);
                pair.r.receive(first, NOW);
                if (number == 0) {
                    assertNull(pair.r.established, "byte " + at);
                    continue;
                }
                byte[] second = pair.r.next();
                byte[] third = pair.r.next();
                (number == 1 ? second : third)[at] ^= 0x21;
                pair.i.receive(second, NOW);
                pair.i.receive(third, NOW);
                assertFalse(pair.i.confirmed, "frame %d byte %d".formatted(number + 1, at));
                assertNotNull(pair.i.ended);
            }
        }
    }

    @Test
    void takesNoMessageBeforeThePeerIsProven() {
        Pair other = resuming(Tier.T4);
        other.r.receive(other.i.next(), NOW);
        other.i.receive(other.r.next(), NOW);
        Secret root = other.r.session.traffic.root;
        byte[] instead = other.forge(new SealingHalf(Wired.JDK,
                KeySchedule.applicationKeys(root, false, other.r.session.traffic.transcript), 0),
                other.i.established.sessionId(), Tier.T4, 0x0600, false, false, null,
                new byte[] {(byte) 0x80});
        other.i.receive(instead, NOW);
        assertTrue(other.i.messages.isEmpty());
        assertEquals(Cause.VIOLATION, other.i.ended.cause());
    }

    @ParameterizedTest
    @ValueSource(strings = {"no status", "status 0x11", "part of a ticket", "no payload", "wrong field"})
    void readsTheLastFrameStrictly(String what) {
        Pair other = resuming(Tier.T4);
        other.r.receive(other.i.next(), NOW);
        other.i.receive(other.r.next(), NOW);
        Map<String, Object> map = new LinkedHashMap<>();
        switch (what) {
            case "status 0x11" -> map.put("status", 0x11L);
            case "part of a ticket" -> {
                map.put("status", 0L);
                map.put("ticket", Bytes.wrap(new byte[64]));
            }
            case "wrong field" -> {
                map.put("status", 0L);
                map.put("ticket", 5L);
            }
            default -> { }
        }
        byte[] payload = what.equals("no payload") ? new byte[] {(byte) 0xC1}
                : Fields.of(map).encoded().toArray();
        Secret root = other.r.session.traffic.root;
        byte[] instead = other.forge(new SealingHalf(Wired.JDK,
                KeySchedule.applicationKeys(root, false, other.r.session.traffic.transcript), 0),
                other.i.established.sessionId(), Tier.T4, 0x0012, false, false, null, payload);
        other.i.receive(instead, NOW);
        assertFalse(other.i.confirmed);
        assertEquals(what.equals("status 0x11") ? Cause.REFUSED : Cause.VIOLATION, other.i.ended.cause());
    }

    /** What an initiator does not take for SESSION_RESUMED. */
    @Test
    void closesOnWrongAnswers() {
        Pair template = Pair.open(Tier.T4);
        Ticket ticket = template.i.ticket;
        Bytes nonce = Bytes.wrap(TestNode.filled(8, 4));
        Map<String, Object> good = new LinkedHashMap<>();
        good.put("session-id", 77L);
        good.put("nonce", Bytes.wrap(new byte[8]));
        good.put("selected-tier", 4L);
        good.put("echo", nonce);
        Map<String, Object> otherEcho = new LinkedHashMap<>(good);
        otherEcho.put("echo", Bytes.wrap(new byte[8]));
        Map<String, Object> otherId = new LinkedHashMap<>(good);
        otherId.put("session-id", 78L);
        Map<String, Object> higher = new LinkedHashMap<>(good);
        higher.put("selected-tier", 5L);
        for (Map<String, Object> map : List.of(otherEcho, otherId, higher, Map.<String, Object>of())) {
            End i = initiator(template, ticket, nonce);
            i.receive(Forged.plain(Tier.T4, 0x0008, 0, 77, End.TIME, TestNode.filled(32, 9), map), NOW);
            assertEquals(Cause.VIOLATION, i.ended.cause());
        }
        End keyless = initiator(template, ticket, nonce);
        keyless.receive(Forged.plain(Tier.T4, 0x0008, 0, 77, End.TIME, null, good), NOW);
        assertEquals(Cause.VIOLATION, keyless.ended.cause());
        byte[] small = new byte[32];
        small[0] = 1;
        End zero = initiator(template, ticket, nonce);
        zero.receive(Forged.plain(Tier.T4, 0x0008, 0, 77, End.TIME, small, good), NOW);
        assertEquals(Cause.VIOLATION, zero.ended.cause());
        End right = initiator(template, ticket, nonce);
        right.receive(Forged.plain(Tier.T4, 0x0008, 0, 77, End.TIME, TestNode.filled(32, 9), good), NOW);
        assertTrue(right.session.isOpen());
    }

    private static End initiator(Pair template, Ticket ticket, Bytes nonce) {
        End i = End.initiator(template.initiatorSettings, template.initiatorNode,
                template.wish.resuming(ticket),
                Line.TCP, ScriptedRandom.of(nonce.toArray(), TestNode.filled(32, 1), new byte[2]));
        i.session.start(NOW);
        return i;
    }

    @Test
    void closesOnAZeroX25519Result() {
        Pair pair = fresh();
        byte[] small = new byte[32];
        small[0] = 1;
        byte[] frame = Binder.bind(Forged.plain(Tier.T4, 0x0007, 0, 0, End.TIME, small,
                goodMap(pair.i.ticket)), secretOf(pair.i.ticket));
        assertNull(answer(pair, frame));
        assertEquals(Cause.VIOLATION, pair.r.ended.cause());
        assertEquals(1, pair.admission.sessionCount());
    }

    /** The same two, with the responder's next version. */
    private static void next(Pair pair, TicketKeys before) {
        TicketKeys next = new TicketKeys(new SecureRandom());
        next.takeOver(before.handOver());
        pair.i = End.initiator(pair.initiatorSettings, pair.initiatorNode, pair.wish, Line.TCP,
                new SecureRandom());
        pair.r = End.responder(pair.responderSettings, pair.responderNode, next, pair.admission, Line.TCP,
                new SecureRandom());
        pair.r.session.start(NOW);
        pair.i.session.start(NOW);
        pair.pump();
    }

    @Test
    void survivesAHandOverOfTheTicketKeys() {
        Pair pair = Pair.open(Tier.T5);
        Bytes before = pair.r.established.uid();
        pair.wish = pair.wish.resuming(pair.i.ticket);
        next(pair, pair.tickets);
        assertTrue(pair.i.established.resumed());
        assertArrayEquals(pair.i.established.uid().toArray(), pair.r.established.uid().toArray());
        assertEquals(before, pair.r.established.resumedFrom());
    }

    @Test
    void refusesATicketThatWasUsedBeforeAHandOver() {
        Pair pair = Pair.open(Tier.T5);
        pair.wish = pair.wish.resuming(pair.i.ticket);
        pair.open();
        next(pair, pair.tickets);
        refused(pair, ErrorCode.INVALID_SESSION);
    }
}
