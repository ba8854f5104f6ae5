package org.myclerk.core.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.myclerk.core.session.Pair.NOW;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Envelope;
import org.myclerk.api.payload.Fields;
import org.myclerk.core.crypto.KeySchedule;
import org.myclerk.core.crypto.Secret;
import org.myclerk.core.crypto.Wired;
import org.myclerk.core.frame.Compression;
import org.myclerk.core.frame.Container;
import org.myclerk.core.frame.Reassembly;
import org.myclerk.core.frame.SealingHalf;
import org.myclerk.core.session.Ended.Cause;

/** Every row of profile §19 that meets an open session, on ordered and unordered transports. */
class OpenSessionErrorsTest {

    private static final byte[] EMPTY = {(byte) 0x80};
    private static final byte[] KEY = TestNode.filled(32, 9);

    /** Violations: a name and how the frame is made. */
    interface Frames {
        byte[] of(Pair pair);
    }

    static Map<String, Frames> violations(Tier session) {
        Map<String, Frames> all = new LinkedHashMap<>();
        all.put("version", p -> changed(p.forge(p.i, session, 0x0600, EMPTY), 0, 0x40));
        all.put("tier 6", p -> changed(p.forge(p.i, session, 0x0600, EMPTY), 0,
                0x30 ^ session.number() << 3));
        all.put("empty", _ -> new byte[0]);
        all.put("tier 0", _ -> new byte[] {0, 6, 0, (byte) 0x80});
        all.put("tier 0, E", _ -> new byte[] {1, 6, 0, (byte) 0x80});
        all.put("tier 1", p -> Forged.plain(Tier.T1, 0x0600, 0, 0, p.clock.seconds, null, Map.of()));
        all.put("E=0 at tier 2", p -> Forged.plain(Tier.T2, 0x0610, 0, p.r.established.sessionId(),
                p.clock.seconds, null, Map.of()));
        all.put("E=0", p -> Forged.plain(session, 0x0600, 0, p.r.established.sessionId(), p.clock.seconds,
                null, Map.of()));
        all.put("E=0 handshake", p -> Forged.init(session, Bytes.wrap(new byte[8]), p.clock.seconds));
        all.put("0xFFFF", p -> p.forge(p.i, session, 0xFFFF, EMPTY));
        all.put("unknown session", p -> p.forge(p.i.session.traffic.sending(),
                p.r.established.sessionId() ^ 1, session,
                0x0600, false, false, null, EMPTY));
        all.put("trailer", p -> changed(p.forge(p.i, session, 0x0600, EMPTY), -1, 1));
        all.put("stale", p -> {
            p.clock.seconds -= 301;
            byte[] frame = p.forge(p.i, session, 0x0600, EMPTY);
            p.clock.seconds += 301;
            return frame;
        });
        all.put("future", p -> {
            p.clock.seconds += 301;
            byte[] frame = p.forge(p.i, session, 0x0600, EMPTY);
            p.clock.seconds -= 301;
            return frame;
        });
        all.put("fragmented keepalive of a handshake", p -> p.forge(p.i, session, 0x0005, false, true, null,
                piece(1, 0, 2, 10)));
        if (session != Tier.T5) {
            all.put("tier above", p -> p.forge(p.i, Tier.of(Math.max(4, session.number() + 1)), 0x0600,
                    EMPTY));
            all.put("handshake above", p -> p.forge(p.i, Tier.T5, 0x0003, EMPTY));
            all.put("key management above", p -> p.forge(p.i, Tier.T5, 0x0016, EMPTY));
        }
        if (session != Tier.T3) {
            all.put("key in a message", p -> p.forge(p.i, session, 0x0600, false, false, KEY, EMPTY));
            all.put("generation not held",
                    p -> p.forge(new SealingHalf(Wired.JDK, KeySchedule.applicationKeys(
                            Secret.wrap(new byte[32]), true, new byte[32]), 1),
                    p.r.established.sessionId(), session, 0x0600, false, false, null, EMPTY));
        }
        return all;
    }

    private static byte[] changed(byte[] frame, int at, int mask) {
        frame[at < 0 ? frame.length + at : at] ^= (byte) mask;
        return frame;
    }

    private static byte[] piece(long id, int index, int count, int size) {
        byte[] piece = new byte[Reassembly.HEADER + size];
        Reassembly.header(piece, 0, id, index, count);
        return piece;
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4, 5})
    void closesAnOrderedConnection(int tier) {
        violations(Tier.of(tier)).forEach((name, frames) -> {
            Pair pair = Pair.open(Tier.of(tier));
            pair.r.receive(frames.of(pair), NOW);
            assertNotNull(pair.r.ended, name);
            assertEquals(Cause.VIOLATION, pair.r.ended.cause(), name);
            assertTrue(pair.r.frames.isEmpty(), name);
            assertTrue(pair.r.messages.isEmpty(), name);
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4, 5})
    void dropsOnAnUnorderedTransport(int tier) {
        Pair pair = new Pair().tiers(Tier.of(tier), Tier.of(tier)).line(Line.UDP).open();
        Map<String, Frames> all = violations(Tier.of(tier));
        all.put("tier 2", p -> p.forge(p.i, Tier.T2, 0x0610, EMPTY));
        long before = pair.r.session.dropped();
        all.forEach((name, frames) -> {
            pair.r.receive(frames.of(pair), NOW);
            assertNull(pair.r.ended, name);
            assertTrue(pair.r.frames.isEmpty(), name);
        });
        assertEquals(before + all.size(), pair.r.session.dropped());
        assertTrue(pair.r.messages.isEmpty());
        pair.check();
    }

    /** Handshake messages, whatever is in them, at tiers up to the selected one. */
    @Test
    void ignoresSealedHandshakeMessages() {
        Pair pair = Pair.open(Tier.T5);
        for (int operation : new int[] {0x0003, 0x0004, 0x0007, 0x0008, 0x0010, 0x0011, 0x0012}) {
            for (Tier tier : new Tier[] {Tier.T2, Tier.T3, Tier.T4, Tier.T5}) {
                for (End to : new End[] {pair.r, pair.i}) {
                    End from = to == pair.r ? pair.i : pair.r;
                    to.receive(pair.forge(from, tier, operation, false, false, tier.below(Tier.T4) ? null
                            : KEY,
                            End.payload(Envelope.request(5))), NOW);
                    to.receive(pair.forge(from, tier, operation, EMPTY), NOW);
                    to.receive(pair.forge(from, tier, operation, End.payload(Envelope.response(0,
                            ErrorCode.UNAUTHORIZED))), NOW);
                    assertNull(to.ended);
                    assertTrue(to.frames.isEmpty());
                }
            }
        }
        pair.check();
    }

    static List<byte[]> undecodable() {
        List<byte[]> all = new ArrayList<>();
        all.add(new byte[] {(byte) 0xC0});
        all.add(new byte[] {(byte) 0xC1});
        all.add(new byte[] {(byte) 0x81});
        all.add(new byte[] {(byte) 0x80, (byte) 0x80});
        all.add(new byte[] {(byte) 0x81, 1, 1});
        for (Object rid : new Object[] {0L, -1L, 1L << 32, "1", true, 1.5, List.of()}) {
            all.add(Fields.of(Map.of("rid", rid)).encoded().toArray());
        }
        all.add(Fields.of(Map.of("rid", 4L, "status", 256L)).encoded().toArray());
        return all;
    }

    @ParameterizedTest
    @MethodSource("undecodable")
    void losesWhatDoesNotDecode(byte[] payload) {
        for (int operation : new int[] {0x0600, 0x0001, 0x0005, 0x0016, 0x0017, 0x0002}) {
            Pair pair = Pair.open(Tier.T4);
            pair.r.receive(pair.forge(pair.i, Tier.T4, operation, payload), NOW);
            assertNull(pair.r.ended);
            assertTrue(pair.r.frames.isEmpty());
            assertEquals(1, pair.r.session.lost());
            pair.check();
        }
    }

    /**
     * operation, tier, payload key with a bad value or not, expected answer: operation, status, required
     * tier.
     */
    @ParameterizedTest
    @CsvSource({
        "0001,4,more,0002,10,", "0005,4,reason,0006,10,", "0016,4,rotation-counter,0016,10,",
                "0016,4,,0016,10,",
        "0017,4,reason,0017,10,", "0001,2,,0002,12,3", "0005,2,,0006,12,3", "0002,4,,0002,13,",
        "0006,4,,0006,13,",
        "0009,4,,0009,13,", "0009,2,,0009,12,3", "0013,3,,0013,12,4", "0013,4,,0013,13,", "001F,4,,001F,13,",
        "0016,3,rotation-counter,0016,12,4", "0017,3,,0017,12,4", "0000,2,,,,"})
    void answersUnusableRequests(String operation, int tier, String badKey, String answer, String status,
            Integer requiredTier) {
        Pair pair = Pair.open(Tier.T4);
        int code = Integer.parseInt(operation, 16);
        byte[] payload = badKey == null ? End.payload(Envelope.request(9))
                : Fields.of(Map.of("rid", 9L, badKey, List.of())).encoded().toArray();
        pair.r.receive(pair.forge(pair.i, Tier.of(tier), code, payload), NOW);
        assertNull(pair.r.ended);
        if (answer == null) {
            assertTrue(pair.r.frames.isEmpty());
            return;
        }
        byte[] frame = pair.r.next();
        assertEquals(tier, frame[0] >> 3);
        assertEquals(Integer.parseInt(answer, 16), (frame[1] & 0xFF) << 8 | frame[2] & 0xFF);
        Map<String, Object> map = Opened.payload(pair.i, frame);
        assertEquals(9L, map.get("rid"));
        assertEquals(Long.parseLong(status, 16), map.get("status"));
        assertEquals(requiredTier == null ? null : Long.valueOf(requiredTier), map.get("required-tier"));
    }

    @Test
    void answersOneWayMessagesNothing() {
        Pair pair = Pair.open(Tier.T4);
        for (int operation : new int[] {0x0000, 0x0001, 0x0002, 0x0006, 0x0009, 0x0013, 0x0016, 0x001F}) {
            pair.r.receive(pair.forge(pair.i, Tier.T4, operation, operation == 0 ? new byte[0] : EMPTY), NOW);
        }
        pair.r.receive(pair.forge(pair.i, Tier.T4, 0x0005, Fields.of(Map.of("reason",
                5L)).encoded().toArray()), NOW);
        pair.r.receive(pair.forge(pair.i, Tier.T3, 0x0017, EMPTY), NOW);
        pair.r.receive(pair.forge(pair.i, Tier.T2, 0x0005, EMPTY), NOW);
        assertNull(pair.r.ended);
        assertTrue(pair.r.frames.isEmpty());
        pair.check();
    }

    @Test
    void handsOverApplicationMessagesAtEveryTierUpToTheSelectedOne() {
        Pair pair = Pair.open(Tier.T5);
        for (Tier tier : new Tier[] {Tier.T2, Tier.T3, Tier.T4, Tier.T5}) {
            pair.i.send(NOW, End.request(tier, 0x0610, 1));
            pair.pump();
            assertEquals(tier, pair.r.lastMessage().tier());
        }
    }

    @Test
    void answersKeepalivesOfAnybody() {
        Pair pair = Pair.open(Tier.T5);
        for (Tier tier : new Tier[] {Tier.T3, Tier.T4, Tier.T5}) {
            pair.i.receive(pair.forge(pair.r, tier, 0x0001, End.payload(Envelope.request(3))), NOW);
            byte[] answer = pair.i.next();
            assertEquals(tier.number(), answer[0] >> 3);
            assertEquals(Map.of("rid", 3L, "status", 0L), Opened.payload(pair.r, answer));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"header", "count 1", "count 5000", "index", "size", "other operation"})
    void losesBadFragments(String what) {
        Pair pair = Pair.open(Tier.T4);
        List<byte[]> pieces = switch (what) {
            case "header" -> List.of(new byte[7]);
            case "count 1" -> List.of(piece(1, 0, 1, 5));
            case "count 5000" -> List.of(piece(1, 0, 5000, 5));
            case "index" -> List.of(piece(1, 2, 2, 5));
            case "size" -> List.of(piece(1, 0, 3, 5), piece(1, 1, 3, 6), piece(1, 2, 3, 5));
            default -> List.of(piece(1, 0, 2, 5), piece(1, 1, 2, 5));
        };
        int operation = 0x0600;
        for (byte[] piece : pieces) {
            pair.r.receive(pair.forge(pair.i, Tier.T4, operation, false, true, null, piece), NOW);
            operation += what.equals("other operation") ? 1 : 0;
        }
        assertNull(pair.r.ended);
        assertTrue(pair.r.messages.isEmpty());
        pair.check();
    }

    @Test
    void refusesFragmentsThatWereNotAgreed() {
        Pair pair = new Pair().capabilities(0L, 2L).open();
        pair.r.receive(pair.forge(pair.i, Tier.T4, 0x0600, false, true, null, piece(1, 0, 2, 5)), NOW);
        assertEquals(Cause.VIOLATION, pair.r.ended.cause());
    }

    private static byte[] item(int operation, byte... payload) {
        byte[] item = new byte[Container.ITEM_OVERHEAD + payload.length];
        item[1] = (byte) (3 + payload.length);
        item[3] = (byte) (operation >> 8);
        item[4] = (byte) operation;
        System.arraycopy(payload, 0, item, Container.ITEM_OVERHEAD, payload.length);
        return item;
    }

    private static byte[] join(byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        byte[] all = new byte[length];
        int position = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, all, position, part.length);
            position += part.length;
        }
        return all;
    }

    static List<byte[]> badContainers() {
        byte[] good = item(0x0600, EMPTY);
        List<byte[]> bad = new ArrayList<>();
        for (int operation : new int[] {0x0000, 0x0003, 0x0010, 0x0016, 0x001F, 0xFFFF}) {
            bad.add(join(good, item(operation, EMPTY)));
        }
        byte[] flags = item(0x0600, EMPTY);
        flags[2] = 1;
        bad.add(join(good, flags));
        bad.add(Arrays.copyOf(join(good, good), 2 * good.length - 1));
        bad.add(join(good, new byte[] {0}));
        bad.add(join(good, new byte[] {0, 2, 0, 6}));
        byte[][] many = new byte[257][];
        Arrays.fill(many, good);
        bad.add(join(many));
        bad.add(EMPTY);
        return bad;
    }

    @ParameterizedTest
    @MethodSource("badContainers")
    void losesBadContainersAsAWhole(byte[] container) {
        Pair pair = Pair.open(Tier.T4);
        pair.r.receive(pair.forge(pair.i, Tier.T4, 0, container), NOW);
        assertNull(pair.r.ended);
        assertTrue(pair.r.messages.isEmpty());
        assertEquals(1, pair.r.session.lost());
        pair.check();
    }

    @Test
    void losesAContainerAtTierTwo() {
        Pair pair = Pair.open(Tier.T4);
        pair.r.receive(pair.forge(pair.i, Tier.T2, 0, item(0x0610, EMPTY)), NOW);
        assertTrue(pair.r.messages.isEmpty());
        assertEquals(1, pair.r.session.lost());
        pair.check();
    }

    @Test
    void takes256ItemsAndJudgesEachForItself() {
        Pair pair = Pair.open(Tier.T4);
        byte[][] items = new byte[256][];
        Arrays.fill(items, item(0x0600, EMPTY));
        items[7] = item(0x0600, (byte) 0xC1);
        items[8] = item(0x0001, End.payload(Envelope.request(4)));
        items[9] = item(0x0600);
        pair.r.receive(pair.forge(pair.i, Tier.T3, 0, join(items)), NOW);
        assertEquals(254, pair.r.messages.size());
        assertEquals(Tier.T3, pair.r.lastMessage().tier());
        assertEquals(1, pair.r.session.lost());
        assertEquals(1, pair.r.frames.size());
        pair.pump();
        pair.check();
    }

    @Test
    void stopsInAContainerWhenTheSessionEnds() {
        Pair pair = Pair.open(Tier.T4);
        pair.r.reaction = _ -> pair.r.session.revoke("enough", NOW);
        pair.r.receive(pair.forge(pair.i, Tier.T4, 0, join(item(0x0600, EMPTY), item(0x0600, EMPTY))), NOW);
        assertEquals(1, pair.r.messages.size());
        assertEquals(Cause.REVOKED, pair.r.ended.cause());
    }

    @Test
    void losesWhatDoesNotDecompress() {
        byte[] payload = End.payload(Envelope.NONE, "text", "a".repeat(2000));
        byte[] good = Compression.compress(Compression.LZ4, payload, 0, payload.length);
        Map<String, byte[]> bad = new LinkedHashMap<>();
        bad.put("short", new byte[4]);
        byte[] algorithm = good.clone();
        algorithm[0] = 2;
        bad.put("algorithm", algorithm);
        byte[] longer = good.clone();
        longer[4]++;
        bad.put("length", longer);
        byte[] bomb = good.clone();
        bomb[1] = 1;
        bad.put("bomb", bomb);
        Pair pair = Pair.open(Tier.T4);
        bad.forEach((name, data) -> {
            pair.r.receive(pair.forge(pair.i, Tier.T4, 0x0600, true, false, null, data), NOW);
            assertTrue(pair.r.messages.isEmpty(), name);
        });
        for (int operation : new int[] {0x0000, 0x0001, 0x0016, 0xF350, 0xF37F, 0x0670, 0x067F}) {
            pair.r.receive(pair.forge(pair.i, Tier.T4, operation, true, false, null, good), NOW);
            assertTrue(pair.r.messages.isEmpty());
        }
        assertEquals(bad.size() + 7, pair.r.session.lost());
        pair.r.receive(pair.forge(pair.i, Tier.T4, 0x0600, true, false, null, good), NOW);
        assertEquals(1, pair.r.messages.size());
        Pair without = new Pair().capabilities(2L, 4L).open();
        without.r.receive(without.forge(without.i, Tier.T4, 0x0600, true, false, null, good), NOW);
        assertEquals(1, without.r.session.lost());
        without.check();
    }

    @Test
    void losesMessagesOverOneMebibyte() {
        Pair pair = Pair.open(Tier.T4);
        byte[] payload = new byte[(1 << 20) + 1];
        int half = payload.length / 2 + 1;
        for (int index = 0; index < 2; index++) {
            byte[] piece = piece(1, index, 2, index == 0 ? half : payload.length - half);
            pair.r.receive(pair.forge(pair.i, Tier.T4, 0x0600, false, true, null, piece), NOW);
        }
        assertTrue(pair.r.messages.isEmpty());
        pair.check();
    }

    @Test
    void endsAfterTooManyForgeriesOnAnUnorderedTransport() {
        Pair pair = new Pair().limits(Limits.DEFAULT.withAeadFailures(3)).line(Line.UDP).open();
        for (int n = 0; n < 3; n++) {
            assertNull(pair.r.ended);
            byte[] frame = pair.forge(pair.i, Tier.T5, 0x0600, EMPTY);
            byte[] altered = Arrays.copyOf(frame, frame.length);
            altered[50] ^= 1;
            pair.r.receive(Opened.withTrailer(pair.i, altered), NOW);
        }
        assertEquals(Cause.LIMIT, pair.r.ended.cause());
    }
}
