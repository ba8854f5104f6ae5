package org.myclerk.core.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.myclerk.core.session.Pair.NOW;

import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

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
import org.myclerk.core.crypto.Wired;
import org.myclerk.core.frame.Frame;
import org.myclerk.core.frame.PlainFrames;
import org.myclerk.core.frame.SealingHalf;
import org.myclerk.core.session.Ended.Cause;
import org.myclerk.core.session.Trust.PreSharedKey;

/** The handshake of both sides (profile §11): what it takes, and what ends it. */
class HandshakeTest {

    private static final Bytes NONCE = Bytes.wrap(TestNode.filled(8, 3));

    private static Map<String, Object> plainPayload(byte[] bytes) {
        try {
            Frame frame = Frame.parse(bytes, 0, bytes.length);
            return Payload.decode(bytes, frame.bodyOffset(), frame.bodyLength()).toMap();
        } catch (Malformed wrong) {
            throw new AssertionError(wrong);
        }
    }

    private static Pair responderOnly() {
        Pair pair = new Pair().start();
        pair.i.frames.clear();
        return pair;
    }

    private static byte[] init(Tier tier, Map<String, ?> payload) {
        return Forged.plain(tier, 0x0003, 0, 0, End.TIME, null, payload);
    }

    @ParameterizedTest
    @EnumSource(names = {"T3", "T4", "T5"})
    void opensAtEveryTier(Tier tier) {
        Pair pair = Pair.open(tier);
        assertEquals(tier, pair.i.established.tier());
        assertEquals(tier, pair.r.established.tier());
        assertEquals(pair.i.established.uid(), pair.r.established.uid());
        assertEquals(pair.responderNode.node(), pair.i.established.peer().node());
        assertEquals(pair.initiatorNode.node(), pair.r.established.peer().node());
        assertTrue(pair.i.established.initiator());
        assertFalse(pair.r.established.initiator());
        assertFalse(pair.r.established.resumed());
        assertEquals(Settings.CAPABILITIES, pair.i.established.capabilities());
        assertNotNull(pair.i.ticket);
        pair.check();
    }

    /** wanted, least of I, maximum and minimum of R, selected or what it is refused with. */
    @ParameterizedTest
    @CsvSource({"5,3,5,3,5", "5,3,4,3,4", "5,3,3,3,3", "4,3,5,3,4", "3,3,5,3,3", "4,4,5,4,4",
            "3,3,5,4,required 4",
        "4,4,5,5,required 5", "5,5,4,3,stops", "5,4,3,3,stops", "3,3,5,5,required 5"})
    void negotiatesTheTier(int wanted, int least, int maximum, int minimum, String outcome) {
        Pair pair = new Pair().tiers(Tier.of(wanted), Tier.of(least)).responder(Tier.of(maximum),
                Tier.of(minimum))
                .shake();
        if (outcome.equals("stops")) {
            assertEquals(Cause.VIOLATION, pair.i.ended.cause());
            assertNull(pair.i.established);
        } else if (outcome.startsWith("required")) {
            assertEquals(Cause.REFUSED, pair.i.ended.cause());
            assertEquals(ErrorCode.FORBIDDEN, pair.i.ended.code());
            assertEquals(Tier.of(Integer.parseInt(outcome.substring(9))), pair.i.ended.requiredTier());
            assertTrue(pair.i.ended.byPeer());
            assertEquals(Cause.REFUSED, pair.r.ended.cause());
        } else {
            assertEquals(Tier.of(Integer.parseInt(outcome)), pair.r.established.tier());
            assertEquals(Tier.of(Integer.parseInt(outcome)), pair.i.established.tier());
            pair.check();
        }
    }

    @Test
    void refusesTierTwoWithTheTierThatWouldDo() {
        Pair pair = responderOnly();
        pair.r.receive(init(Tier.T2, Forged.initMap(NONCE, End.TIME)), NOW);
        byte[] answer = pair.r.next();
        assertEquals(Tier.T2.number(), answer[0] >> 3);
        assertEquals(Map.of("echo", NONCE, "status", 0x12L, "required-tier", 3L), plainPayload(answer));
        assertEquals(Cause.REFUSED, pair.r.ended.cause());
    }

    @Test
    void selectsTheCapabilitiesBothHave() {
        Pair pair = new Pair().capabilities(0L, 4L, 3L, 8L);
        pair.wish = new Wish(Tier.T5, Tier.T3, Optional.empty(), Optional.empty(), false, Optional.empty(),
                List.of(4L, 3L, 1L, 0L, 77L));
        pair.open();
        assertEquals(List.of(0L, 4L), pair.r.established.capabilities());
        assertEquals(List.of(0L, 4L), pair.i.established.capabilities());
    }

    @Test
    void selectsNothingWithoutCapabilities() {
        Pair pair = new Pair();
        pair.wish = new Wish(Tier.T5, Tier.T3, Optional.empty(), Optional.empty(), false, Optional.empty(),
                List.of());
        pair.start();
        assertFalse(plainPayload(pair.i.frames.peek()).containsKey("capabilities"));
        pair.r.receive(pair.i.next(), NOW);
        assertFalse(plainPayload(pair.r.frames.peek()).containsKey("selected-capabilities"));
        pair.pump();
        assertEquals(List.of(), pair.i.established.capabilities());
        pair.check();
    }

    @Test
    void sharesTheFamilyKey() {
        PreSharedKey key = TestNode.key(7, false);
        Pair pair = new Pair();
        pair.responderNode.knows(key);
        pair.wish = pair.wish.key(key, true);
        pair.open().check();
        assertFalse(pair.r.established.pairing());
    }

    @Test
    void goesOnWithoutAnUnknownKeyIfTheInitiatorDoes() {
        Pair pair = new Pair();
        pair.wish = pair.wish.key(TestNode.key(7, false), false);
        pair.open().check();
    }

    @Test
    void stopsWithoutAKeyThatIsRequired() {
        Pair pair = new Pair();
        pair.wish = pair.wish.key(TestNode.key(7, false), true);
        pair.shake();
        assertEquals(ErrorCode.UNAUTHORIZED, pair.i.ended.code());
        assertNull(pair.r.established);
    }

    @Test
    void refusesAnotherKeyUnderTheSameId() {
        PreSharedKey right = TestNode.key(7, false);
        Pair pair = new Pair();
        pair.responderNode.keys.put(right.id(), new PreSharedKey(right.id(), TestNode.key(8, false).secret(),
                false));
        pair.wish = pair.wish.key(right, true);
        pair.shake();
        assertEquals(Cause.VIOLATION, pair.i.ended.cause());
        assertNull(pair.i.established);
    }

    private static Pair pairing(PreSharedKey invitation) {
        Pair pair = new Pair(TestNode.stranger(5), TestNode.member(2));
        pair.responderNode.knows(invitation);
        pair.wish = pair.wish.key(invitation, false);
        return pair;
    }

    @Test
    void pairs() {
        Pair pair = pairing(TestNode.key(9, true)).open();
        assertEquals(Set.of("joining"), pair.r.established.peer().roles());
        assertEquals(pair.initiatorNode.publicKey(), pair.r.established.peer().key().encoded());
        assertTrue(pair.r.established.pairing());
        assertTrue(pair.i.established.pairing());
        assertEquals(1, pair.responderNode.joined);
        assertNull(pair.i.ticket);
        pair.i.session.rotate(NOW);
        pair.pump();
        assertEquals(List.of(1L), pair.i.rotations);
        pair.check();
    }

    @Test
    void pairsOnlyWithTheInvitationRepeated() {
        Pair pair = pairing(TestNode.key(9, true));
        pair.responderNode.keys.clear();
        pair.shake();
        assertEquals(ErrorCode.UNAUTHORIZED, pair.i.ended.code());
    }

    @Test
    void refusesAnInvitationThatWasUsedMeanwhile() {
        Pair pair = pairing(TestNode.key(9, true)).start();
        pair.responderNode.invitationUsedUp = true;
        pair.pump();
        assertEquals(ErrorCode.UNAUTHORIZED, pair.i.ended.code());
        assertEquals(Cause.REFUSED, pair.i.ended.cause());
        assertNull(pair.r.established);
    }

    @Test
    void countsOneFailurePerHandshake() {
        Pair pair = pairing(TestNode.key(9, true)).start();
        pair.r.receive(pair.i.next(), NOW);
        pair.i.receive(pair.r.next(), NOW);
        pair.r.receive(pair.i.next(), NOW);
        pair.i.receive(pair.r.next(), NOW);
        byte[] fifth = pair.i.next();
        fifth[fifth.length - 1] ^= 1;
        pair.r.receive(fifth, NOW);
        assertEquals(1, pair.responderNode.failures);
        assertEquals(Cause.VIOLATION, pair.r.ended.cause());
    }

    /** Frame 5, well sealed, with something else in it. */
    @Test
    void closesOnAProofThatDoesNotDecodeOrLacksAField() {
        Map<String, byte[]> payloads = new LinkedHashMap<>();
        payloads.put("no payload", new byte[] {(byte) 0xC1});
        payloads.put("nothing", new byte[] {(byte) 0x80});
        payloads.put("no sig", Fields.of(Map.of("cert", Bytes.EMPTY)).encoded().toArray());
        payloads.put("neither", Fields.of(Map.of("sig", Bytes.wrap(new byte[64]))).encoded().toArray());
        payloads.put("both", Fields.of(Map.of("sig", Bytes.wrap(new byte[64]), "cert", Bytes.EMPTY, "key",
                Bytes.wrap(new byte[32]))).encoded().toArray());
        payloads.put("short sig", Fields.of(Map.of("sig", Bytes.wrap(new byte[63]), "cert",
                Bytes.EMPTY)).encoded()
                .toArray());
        payloads.forEach((name, payload) -> {
            Pair pair = new Pair().start();
            pair.r.receive(pair.i.next(), NOW);
            pair.i.receive(pair.r.next(), NOW);
            pair.r.receive(pair.i.next(), NOW);
            pair.r.frames.clear();
            ResponderHandshake responder = pair.r.session.responder;
            SealingHalf half = new SealingHalf(Wired.JDK, KeySchedule.handshakeKeys(responder.root, true,
                    responder.handshakeHash), 0);
            pair.r.receive(pair.forge(half, pair.r.session.sessionId(), Tier.T5, 0x0012, false, false, null,
                    payload),
                    NOW);
            assertEquals(ErrorCode.UNAUTHORIZED, pair.r.ended.code(), name);
            assertTrue(pair.r.frames.isEmpty(), name);
        });
    }

    @Test
    void refusesABareKeyWithAFamilyKey() {
        PreSharedKey key = TestNode.key(9, false);
        Pair pair = new Pair(TestNode.stranger(5), TestNode.member(2));
        pair.responderNode.knows(key);
        pair.wish = pair.wish.key(new PreSharedKey(key.id(), key.secret(), true), true);
        pair.shake();
        assertEquals(ErrorCode.UNAUTHORIZED, pair.i.ended.code());
        assertNull(pair.r.established);
    }

    @Test
    void refusesACertificateWithAnInvitation() {
        PreSharedKey key = TestNode.key(9, true);
        Pair pair = new Pair();
        pair.responderNode.knows(key);
        pair.wish = pair.wish.key(new PreSharedKey(key.id(), key.secret(), false), true);
        pair.shake();
        assertEquals(ErrorCode.UNAUTHORIZED, pair.i.ended.code());
        assertEquals(1, pair.responderNode.failures);
    }

    @Test
    void stopsWithoutACertificateOfItsOwn() {
        Pair initiator = new Pair(TestNode.stranger(5), TestNode.member(2)).shake();
        assertEquals(ErrorCode.UNAUTHORIZED, initiator.i.ended.code());
        Pair responder = new Pair(TestNode.member(1), TestNode.stranger(6)).shake();
        assertEquals(ErrorCode.UNAUTHORIZED, responder.r.ended.code());
        assertNull(responder.i.established);
    }

    @Test
    void refusesAnotherNodeThanTheOneMeant() {
        Pair pair = new Pair();
        pair.wish = pair.wish.node(TestNode.member(3).node());
        pair.shake();
        assertEquals(ErrorCode.UNAUTHORIZED, pair.i.ended.code());
        assertTrue(pair.i.ended.reason().contains("node2"));
        Pair right = new Pair();
        right.wish = right.wish.node(right.responderNode.node());
        right.open().check();
    }

    @Test
    void refusesItself() {
        TestNode node = TestNode.member(1);
        Pair pair = new Pair(node, node).shake();
        assertEquals(ErrorCode.UNAUTHORIZED, pair.i.ended.code());
        assertNull(pair.r.established);
    }

    @Test
    void refusesARevokedOrExpiredResponder() {
        Pair revoked = new Pair();
        revoked.initiatorNode.revoked.add(2L);
        revoked.shake();
        assertEquals(ErrorCode.UNAUTHORIZED, revoked.i.ended.code());
        Pair expired = new Pair(TestNode.member(1), TestNode.member(2, 2, End.TIME - 1)).shake();
        assertEquals(ErrorCode.UNAUTHORIZED, expired.i.ended.code());
    }

    @Test
    void tellsARevokedInitiatorNothingMore() {
        Pair pair = new Pair();
        pair.responderNode.revoked.add(1L);
        pair.shake();
        assertEquals(Cause.REFUSED, pair.i.ended.cause());
        assertEquals(ErrorCode.UNAUTHORIZED, pair.i.ended.code());
        assertFalse(pair.i.confirmed);
        assertNull(pair.r.established);
        assertEquals(0, pair.admission.sessionCount());
    }

    @Test
    void refusesASignatureOfAnotherKey() {
        for (boolean initiator : new boolean[] {true, false}) {
            TestNode forger = new TestNode(TestNode.member(8).seed, TestNode.rootKey(),
                    TestNode.member(1).node(), TestNode.member(1).certificate);
            Pair pair = initiator ? new Pair(forger, TestNode.member(2)) : new Pair(TestNode.member(2),
                    forger);
            pair.shake();
            assertEquals(ErrorCode.UNAUTHORIZED, pair.i.ended.code());
            assertNull(pair.r.established);
        }
    }

    @Test
    void carriesRevocationsThatAreSmallEnough() {
        Pair small = new Pair();
        small.initiatorNode.revocations = Optional.of(Bytes.wrap(new byte[500]));
        small.responderNode.revocations = Optional.of(Bytes.wrap(new byte[500]));
        small.open().check();
        assertEquals(1, small.initiatorNode.offers);
        assertEquals(1, small.responderNode.offers);
        Pair large = new Pair();
        large.initiatorNode.revocations = Optional.of(Bytes.wrap(new byte[1000]));
        large.responderNode.revocations = Optional.of(Bytes.wrap(new byte[1000]));
        large.open().check();
        assertEquals(0, large.initiatorNode.offers);
        assertEquals(0, large.responderNode.offers);
    }

    @Test
    void keepsFramesWithRevocationsBelow1200() {
        for (int size = 700; size < 1000; size++) {
            Pair pair = new Pair().tiers(Tier.T5, Tier.T5);
            pair.responderNode.revocations = Optional.of(Bytes.wrap(new byte[size]));
            pair.start();
            pair.r.receive(pair.i.next(), NOW);
            pair.i.receive(pair.r.next(), NOW);
            pair.r.receive(pair.i.next(), NOW);
            int length = pair.r.frames.peek().length;
            assertTrue(length <= 1200, "list of " + size);
            if (length < 1000) {
                assertTrue(size > 700);
                return;
            }
        }
        throw new AssertionError("never too large");
    }

    static List<Map<String, Object>> badInits() {
        List<Map<String, Object>> bad = new ArrayList<>();
        for (String missing : List.of("nonce", "timestamp", "profile")) {
            Map<String, Object> map = Forged.initMap(NONCE, End.TIME);
            map.remove(missing);
            bad.add(map);
        }
        for (Map.Entry<String, Object> wrong : Map.of("nonce", (Object) Bytes.wrap(new byte[7]), "timestamp",
                "now",
                "profile", 2L, "psk-id", Bytes.wrap(new byte[9]), "device-id", Bytes.wrap(new byte[15]),
                "capabilities", "all", "more", 5L).entrySet()) {
            Map<String, Object> map = Forged.initMap(NONCE, End.TIME);
            map.put(wrong.getKey(), wrong.getValue());
            bad.add(map);
        }
        Map<String, Object> negative = Forged.initMap(NONCE, End.TIME);
        negative.put("capabilities", List.of(0L, -1L));
        bad.add(negative);
        return bad;
    }

    @Test
    void answersAWrongPayloadWithBadRequest() {
        for (Map<String, Object> payload : badInits()) {
            Pair pair = responderOnly();
            pair.r.receive(init(Tier.T4, payload), NOW);
            boolean readable = payload.get("nonce") instanceof Bytes nonce && nonce.length() == 8;
            assertEquals(readable ? Map.of("echo", NONCE, "status", 0x10L) : Map.of("status", 0x10L),
                    plainPayload(pair.r.next()), payload.toString());
            assertEquals(Cause.REFUSED, pair.r.ended.cause());
        }
    }

    @Test
    void answersWhatIsNoPayloadWithBadRequest() {
        Pair pair = responderOnly();
        pair.r.receive(PlainFrames.write(Tier.T3, 0x0003, 0, 0, End.TIME, 0, null, new byte[] {(byte) 0xC1}),
                NOW);
        assertEquals(Map.of("status", 0x10L), plainPayload(pair.r.next()));
    }

    @Test
    void ignoresTheDeviceIdAndUnknownKeys() {
        Pair pair = responderOnly();
        Map<String, Object> payload = Forged.initMap(NONCE, End.TIME);
        payload.put("device-id", Bytes.wrap(new byte[16]));
        payload.put("colour", "blue");
        pair.r.receive(init(Tier.T4, payload), NOW);
        assertEquals(4L, plainPayload(pair.r.next()).get("selected-tier"));
        assertNull(pair.r.ended);
    }

    @ParameterizedTest
    @ValueSource(longs = {-301, 301, -100_000, 1L << 31})
    void dropsStaleFirstFrames(long off) {
        Pair header = responderOnly();
        header.r.receive(Forged.plain(Tier.T4, 0x0003, 0, 0, End.TIME + off, null,
                Forged.initMap(NONCE, End.TIME)), NOW);
        assertTrue(header.r.frames.isEmpty());
        assertEquals(Cause.VIOLATION, header.r.ended.cause());
        Pair payload = responderOnly();
        payload.r.receive(init(Tier.T2, Forged.initMap(NONCE, End.TIME + off)), NOW);
        assertTrue(payload.r.frames.isEmpty());
        assertEquals(Cause.VIOLATION, payload.r.ended.cause());
    }

    @ParameterizedTest
    @ValueSource(longs = {-300, 300})
    void takesFirstFramesWithinFiveMinutes(long off) {
        Pair pair = responderOnly();
        pair.r.receive(Forged.init(Tier.T4, NONCE, End.TIME + off), NOW);
        assertNull(pair.r.ended);
        assertEquals(1, pair.r.frames.size());
    }

    @Test
    void toleratesMoreWithoutATrustedClock() {
        Pair pair = responderOnly();
        pair.clock.tolerance = 1_000_000;
        pair.r.receive(Forged.init(Tier.T4, NONCE, End.TIME + 999_999), NOW);
        assertNull(pair.r.ended);
    }

    /** Each is a frame that the state NEW does not take. */
    @Test
    void closesOnOtherFirstFrames() {
        Map<String, Object> payload = Forged.initMap(NONCE, End.TIME);
        Map<String, byte[]> frames = new LinkedHashMap<>();
        frames.put("tier 1", Forged.plain(Tier.T1, 0x0003, 0, 0, End.TIME, null, payload));
        frames.put("sequence", Forged.plain(Tier.T4, 0x0003, 1, 0, End.TIME, null, payload));
        frames.put("session id", Forged.plain(Tier.T4, 0x0003, 0, 5, End.TIME, null, payload));
        frames.put("key", Forged.plain(Tier.T4, 0x0003, 0, 0, End.TIME, TestNode.filled(32, 1), payload));
        frames.put("ACK", Forged.plain(Tier.T4, 0x0004, 0, 0, End.TIME, null, payload));
        frames.put("KEY_EXCHANGE_INIT", Forged.plain(Tier.T4, 0x0010, 0, 0, End.TIME, null, payload));
        frames.put("GPIO", Forged.plain(Tier.T4, 0x0624, 0, 0, End.TIME, null, payload));
        frames.put("0xFFFF", Forged.plain(Tier.T4, 0xFFFF, 0, 0, End.TIME, null, payload));
        frames.put("RESUME at tier 3", Forged.plain(Tier.T3, 0x0007, 0, 0, End.TIME, null, payload));
        frames.put("RESUME without key", Forged.plain(Tier.T4, 0x0007, 0, 0, End.TIME, null, payload));
        frames.put("tier 0", new byte[] {0, 0, 3});
        frames.put("nothing", new byte[0]);
        Pair other = Pair.open(Tier.T4);
        frames.put("sealed", other.forge(other.i, Tier.T4, 0x0001, new byte[] {(byte) 0x80}));
        byte[] flagged = Forged.init(Tier.T4, NONCE, End.TIME);
        flagged[0] |= 4;
        frames.put("C", flagged);
        byte[] fragmented = Forged.init(Tier.T4, NONCE, End.TIME);
        fragmented[0] |= 2;
        frames.put("F", fragmented);
        frames.forEach((name, frame) -> {
            Pair pair = responderOnly();
            pair.r.receive(frame, NOW);
            assertTrue(pair.r.frames.isEmpty(), name);
            assertEquals(Cause.VIOLATION, pair.r.ended.cause(), name);
            assertEquals(1, pair.r.session.dropped(), name);
        });
    }

    @Test
    void closesOnAWrongAckHash() {
        Pair pair = new Pair().start();
        pair.r.receive(pair.i.next(), NOW);
        byte[] second = pair.r.next();
        int sessionId = pair.r.session.sessionId();
        for (Map<String, ?> payload : List.of(Map.of("ack-hash", Bytes.wrap(new byte[32])),
                Map.of("ack-hash", Bytes.wrap(new byte[31])), Map.of("hash", 1L))) {
            Pair again = new Pair().start();
            again.r.receive(again.i.next(), NOW);
            again.r.frames.clear();
            again.r.receive(Forged.plain(Tier.T5, 0x0010, 1, again.r.session.sessionId(), End.TIME,
                    TestNode.filled(32, 9), payload), NOW);
            assertEquals(ErrorCode.UNAUTHORIZED, again.r.ended.code());
            assertTrue(again.r.frames.isEmpty());
        }
        assertTrue(sessionId > 0 && second.length > 0);
    }

    @Test
    void closesOnAZeroX25519ResultOfEitherSide() {
        Pair pair = new Pair().start();
        pair.r.receive(pair.i.next(), NOW);
        byte[] second = pair.r.next();
        pair.i.receive(second, NOW);
        byte[] third = pair.i.next();
        try {
            Frame frame = Frame.parse(third, 0, third.length);
            byte[] small = new byte[32];
            small[0] = 1;
            byte[] body = Arrays.copyOfRange(third, frame.bodyOffset(), frame.bodyOffset()
                    + frame.bodyLength());
            pair.r.receive(PlainFrames.write(frame.tier(), 0x0010, 1, frame.sessionId(), frame.timestamp(),
                    frame.nonce(), small, body), NOW);
        } catch (Malformed impossible) {
            throw new AssertionError(impossible);
        }
        assertNotNull(pair.r.ended);
        assertTrue(pair.r.frames.isEmpty());
    }

    @Test
    void refusesToBeTalkedDown() {
        Pair pair = new Pair().tiers(Tier.T5, Tier.T3).start();
        byte[] first = pair.i.next();
        Map<String, Object> payload = plainPayload(first);
        byte[] lowered = Forged.plain(Tier.T3, 0x0003, 0, 0, End.TIME, null, payload);
        pair.r.receive(lowered, NOW);
        pair.i.receive(pair.r.next(), NOW);
        assertEquals(Cause.VIOLATION, pair.i.ended.cause());
    }

    /** What an initiator does not take for the answer to its SESSION_INIT. */
    @Test
    void closesOnWrongAnswers() {
        Map<String, Object> good = new LinkedHashMap<>();
        good.put("session-id", 77L);
        good.put("nonce", Bytes.wrap(new byte[8]));
        good.put("selected-tier", 4L);
        good.put("echo", NONCE);
        Map<String, Map<String, Object>> wrong = new LinkedHashMap<>();
        for (String missing : good.keySet()) {
            Map<String, Object> map = new LinkedHashMap<>(good);
            map.remove(missing);
            wrong.put("without " + missing, map);
        }
        change(wrong, good, "session-id", 78L);
        change(wrong, good, "selected-tier", 5L);
        change(wrong, good, "selected-tier", 2L);
        change(wrong, good, "selected-tier", 6L);
        change(wrong, good, "echo", Bytes.wrap(new byte[8]));
        change(wrong, good, "selected-capabilities", List.of(3L));
        change(wrong, good, "psk-id", Bytes.wrap(new byte[8]));
        change(wrong, good, "status", 0x12L);
        wrong.forEach((name, payload) -> {
            End i = initiatorWithNonce();
            i.receive(Forged.plain(Tier.T4, 0x0004, 0, 77, End.TIME, null, payload), NOW);
            assertEquals(Cause.VIOLATION, i.ended.cause(), name);
            assertTrue(i.frames.isEmpty(), name);
        });
        End i = initiatorWithNonce();
        i.receive(Forged.plain(Tier.T4, 0x0004, 0, 77, End.TIME, null, good), NOW);
        assertNull(i.ended);
        assertEquals(1, i.frames.size());
    }

    private static void change(Map<String, Map<String, Object>> wrong, Map<String, Object> good, String key,
            Object value) {
        Map<String, Object> map = new LinkedHashMap<>(good);
        map.put(key, value);
        wrong.put(key + " " + value, map);
    }

    private static End initiatorWithNonce() {
        Pair pair = new Pair();
        End i = End.initiator(pair.initiatorSettings, pair.initiatorNode, pair.wish.tiers(Tier.T4, Tier.T3),
                Line.TCP,
                ScriptedRandom.of(NONCE.toArray(), new byte[2], TestNode.filled(32, 1), new byte[2]));
        i.session.start(NOW);
        i.frames.clear();
        return i;
    }

    @Test
    void takesRefusalsWithAndWithoutEcho() {
        for (Map<String, Object> payload : List.of(Map.<String, Object>of("status", 0x10L),
                Map.<String, Object>of("status", 0x21L, "echo", NONCE, "error", "full"))) {
            End i = initiatorWithNonce();
            i.receive(Forged.plain(Tier.T4, 0x0004, 0, 0, End.TIME, null, payload), NOW);
            assertEquals(Cause.REFUSED, i.ended.cause());
            assertTrue(i.ended.byPeer());
        }
        End other = initiatorWithNonce();
        other.receive(Forged.plain(Tier.T4, 0x0004, 0, 0, End.TIME, null,
                Map.of("status", 0x10L, "echo", Bytes.wrap(new byte[8]))), NOW);
        assertEquals(Cause.VIOLATION, other.ended.cause());
        End success = initiatorWithNonce();
        success.receive(Forged.plain(Tier.T4, 0x0004, 0, 0, End.TIME, null, Map.of("status", 0L)), NOW);
        assertEquals(Cause.VIOLATION, success.ended.cause());
    }

    @Test
    void endsWhenTimeIsUp() {
        Pair pair = new Pair().start();
        assertEquals(NOW + 10_000, pair.i.session.nextTick());
        pair.i.session.tick(NOW + 9_999);
        pair.r.session.tick(NOW + 9_999);
        assertNull(pair.i.ended);
        assertNull(pair.r.ended);
        pair.i.session.tick(NOW + 10_000);
        pair.r.session.tick(NOW + 10_000);
        assertEquals(Cause.TIMEOUT, pair.i.ended.cause());
        assertEquals(Cause.TIMEOUT, pair.r.ended.cause());
        assertEquals(0, pair.admission.halfOpenCount());
        assertEquals(Long.MAX_VALUE, pair.r.session.nextTick());
    }

    @Test
    void endsWithoutAConfirmation() {
        Pair pair = new Pair().start();
        pair.r.receive(pair.i.next(), NOW);
        pair.i.receive(pair.r.next(), NOW);
        pair.r.receive(pair.i.next(), NOW);
        pair.i.receive(pair.r.next(), NOW);
        assertTrue(pair.i.session.isOpen());
        assertFalse(pair.i.confirmed);
        pair.i.session.tick(NOW + 10_000);
        assertEquals(Cause.TIMEOUT, pair.i.ended.cause());
    }

    @Test
    void sendsRequestsRightAfterTheProof() {
        Pair pair = new Pair().start();
        pair.r.receive(pair.i.next(), NOW);
        pair.i.receive(pair.r.next(), NOW);
        pair.r.receive(pair.i.next(), NOW);
        pair.i.receive(pair.r.next(), NOW);
        pair.i.send(NOW, End.request(Tier.T5, 0x0600, 1));
        assertEquals(2, pair.i.frames.size());
        pair.pump();
        assertEquals(1, pair.r.messages.size());
    }

    @Test
    void sealsNothingBeforeItIsOpen() {
        Pair pair = new Pair().start();
        ArrayDeque<Outgoing> queue = new ArrayDeque<>(List.of(End.request(Tier.T5, 0x0600, 1)));
        assertEquals(0, pair.r.session.seal(queue, NOW));
        assertEquals(1, queue.size());
        assertEquals(0, pair.r.session.largestPayload(Tier.T5));
        assertEquals(0, pair.r.session.generation());
        assertNull(pair.r.session.established());
    }

    @Test
    void closesWhileShakingHands() {
        Pair pair = new Pair().start();
        pair.i.session.close(null, NOW);
        assertEquals(Cause.CLOSED, pair.i.ended.cause());
        pair.r.session.revoke("no", NOW);
        assertNull(pair.r.ended);
        pair.r.session.linkEnded();
        assertEquals(Cause.CLOSED, pair.r.ended.cause());
        pair.r.session.linkEnded();
        pair.r.session.tick(NOW);
        pair.r.session.start(NOW);
        pair.r.receive(pair.i.next(), NOW);
        assertTrue(pair.r.frames.isEmpty());
    }

    @Test
    void isIdleBeforeItStarts() {
        Pair pair = new Pair();
        End i = End.initiator(pair.initiatorSettings, pair.initiatorNode, pair.wish, Line.TCP,
                new SecureRandom());
        i.session.tick(NOW);
        i.receive(new byte[40], NOW);
        assertEquals(Long.MAX_VALUE, i.session.nextTick());
        assertNull(i.ended);
        i.session.close("never mind", NOW);
        assertTrue(i.session.isClosed());
    }

    @Test
    void limitsTheHandshakesPerSecond() {
        Pair pair = new Pair().limits(Limits.DEFAULT.withHandshakes(200, 2));
        for (int n = 0; n < 2; n++) {
            pair.shake();
            assertNotNull(pair.r.established);
        }
        pair.shake();
        assertNull(pair.r.established);
        assertNull(pair.r.ended);
        assertEquals(1, pair.r.session.ignoredHandshakes());
        pair.r.session.tick(NOW + 10_000);
        assertEquals(Cause.TIMEOUT, pair.r.ended.cause());
    }

    @Test
    void dropsTheOldestOfTooManyHalfOpenHandshakes() {
        Pair pair = new Pair().limits(Limits.DEFAULT.withHalfOpen(256, 2));
        pair.start();
        End oldest = pair.r;
        pair.start();
        assertNull(oldest.ended);
        pair.start();
        assertNotNull(oldest.ended);
        assertEquals(2, pair.admission.halfOpenCount());
        pair.pump();
        assertEquals(1, pair.admission.halfOpenCount());
        assertEquals(1, pair.admission.sessionCount());
    }

    @Test
    void refusesTooManySessions() {
        Pair pair = new Pair().limits(Limits.DEFAULT.withSessions(2, 16));
        pair.open();
        pair.open();
        pair.shake();
        assertEquals(Cause.REFUSED, pair.i.ended.cause());
        assertEquals(ErrorCode.SERVICE_UNAVAILABLE, pair.i.ended.code());
        assertNull(pair.i.established);
    }

    @Test
    void refusesTooManySessionsOfOneNodeAtTheEnd() {
        Pair pair = new Pair().limits(Limits.DEFAULT.withSessions(100, 2));
        pair.open();
        End first = pair.r;
        pair.open();
        pair.shake();
        assertNotNull(pair.i.established);
        assertFalse(pair.i.confirmed);
        assertEquals(ErrorCode.SERVICE_UNAVAILABLE, pair.i.ended.code());
        assertEquals(Cause.LIMIT, pair.r.ended.cause());
        first.session.linkEnded();
        pair.open();
    }

    @Test
    void refusesWishesAndSettingsThatMakeNoSession() {
        Pair pair = new Pair();
        assertThrows(IllegalArgumentException.class, () -> pair.wish.tiers(Tier.T3, Tier.T4));
        assertThrows(IllegalArgumentException.class, () -> pair.wish.tiers(Tier.T3, Tier.T2));
        assertThrows(IllegalArgumentException.class, () -> pair.responder(Tier.T3, Tier.T4));
        assertThrows(IllegalArgumentException.class, () -> pair.responder(Tier.T3, Tier.T2));
        assertEquals(Tier.T5, Settings.standard(pair.clock, Wired.JDK).maximum());
    }

    @Test
    void writesTheEchoFirst() {
        assertEquals(new Fields(Bytes.wrap(Refusals.write(NONCE, ErrorCode.BAD_REQUEST,
                Tier.T4))).toMap().keySet()
                .iterator().next(), "echo");
    }
}
