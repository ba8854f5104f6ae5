package org.myclerk.core.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.myclerk.core.session.Pair.NOW;

import java.net.InetAddress;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Envelope;
import org.myclerk.api.payload.Fields;
import org.myclerk.core.session.Ended.Cause;

/**
 * Sessions over transports that lose, repeat and reorder, and many of them behind one address (profile §15,
 * §17).
 */
class UnorderedTest {

    private static Pair udp() {
        return new Pair().line(Line.UDP);
    }

    @ParameterizedTest
    @EnumSource(names = {"T3", "T4", "T5"})
    void opens(Tier tier) {
        udp().tiers(tier, tier).open().check();
    }

    @Test
    void repeatsItsFramesUnchangedAndGivesUpAfterThirtySeconds() {
        Pair pair = udp().start();
        byte[] first = pair.i.next();
        for (long at : new long[] {1_000, 3_000, 7_000}) {
            pair.i.session.tick(NOW + at - 1);
            assertTrue(pair.i.frames.isEmpty());
            assertEquals(NOW + at, pair.i.session.nextTick());
            pair.i.session.tick(NOW + at);
            assertArrayEquals(first, pair.i.next());
        }
        pair.i.session.tick(NOW + 29_999);
        assertNull(pair.i.ended);
        assertTrue(pair.i.frames.isEmpty());
        pair.i.session.tick(NOW + 30_000);
        assertEquals(Cause.TIMEOUT, pair.i.ended.cause());
    }

    /** Every frame of the handshake comes twice; each is answered with the same bytes. */
    @Test
    void answersIdenticalFramesIdentically() {
        Pair pair = udp().start();
        pair.r.receive(pair.i.next(), NOW);
        pair.i.receive(pair.r.next(), NOW);
        byte[] third = pair.i.next();
        pair.r.receive(third, NOW);
        byte[] fourth = pair.r.next();
        pair.r.receive(third, NOW + 5_000);
        assertArrayEquals(fourth, pair.r.next());
        pair.i.receive(fourth, NOW);
        pair.i.receive(fourth, NOW);
        byte[] fifth = pair.i.next();
        assertTrue(pair.i.frames.isEmpty());
        pair.r.receive(fifth, NOW + 6_000);
        byte[] sixth = pair.r.next();
        pair.r.receive(fifth, NOW + 7_000);
        assertArrayEquals(sixth, pair.r.next());
        pair.r.receive(third, NOW + 9_000);
        assertArrayEquals(fourth, pair.r.next());
        pair.r.session.tick(NOW + 16_000);
        pair.r.receive(fifth, NOW + 16_001);
        pair.r.receive(third, NOW + 16_001);
        assertTrue(pair.r.frames.isEmpty());
        pair.i.receive(sixth, NOW);
        pair.i.receive(sixth, NOW);
        assertTrue(pair.i.confirmed);
        pair.check();
    }

    @Test
    void repeatsItsProofUntilItIsConfirmed() {
        Pair pair = udp().start();
        pair.r.receive(pair.i.next(), NOW);
        pair.i.receive(pair.r.next(), NOW);
        pair.r.receive(pair.i.next(), NOW);
        pair.i.receive(pair.r.next(), NOW);
        byte[] fifth = pair.i.next();
        pair.r.receive(fifth, NOW);
        byte[] lost = pair.r.next();
        pair.i.session.tick(NOW + 1_000);
        byte[] again = pair.i.next();
        assertArrayEquals(fifth, again);
        pair.r.receive(again, NOW + 1_000);
        assertArrayEquals(lost, pair.r.frames.peek());
        pair.pump();
        assertTrue(pair.i.confirmed);
        pair.i.session.tick(NOW + 3_000);
        assertTrue(pair.i.frames.isEmpty());
        pair.check();
    }

    @Test
    void waitsForABetterAnswerThanARefusal() {
        Pair pair = udp().start();
        byte[] first = pair.i.next();
        Bytes nonce = (Bytes) new Fields(Bytes.wrap(first, 64, first.length - 96)).toMap()
                .get("nonce");
        pair.i.receive(Forged.plain(Tier.T5, 0x0004, 0, 0, End.TIME, null, Map.of("status", 0x12L)), NOW);
        pair.i.receive(Forged.plain(Tier.T5, 0x0004, 0, 0, End.TIME, null,
                Map.of("echo", Bytes.wrap(new byte[8]), "status", 0x12L)), NOW);
        pair.i.receive(Forged.plain(Tier.T5, 0x0004, 0, 0, End.TIME, null, Map.of("echo", nonce, "status",
                0x12L)), NOW);
        assertNull(pair.i.ended);
        pair.r.receive(first, NOW);
        pair.pump();
        pair.check();
        Pair refused = udp().start();
        byte[] init = refused.i.next();
        Bytes echo = (Bytes) new Fields(Bytes.wrap(init, 64, init.length - 96)).toMap()
                .get("nonce");
        refused.i.receive(Forged.plain(Tier.T5, 0x0004, 0, 0, End.TIME, null, Map.of("echo", echo, "status",
                0x21L)), NOW);
        refused.i.session.tick(NOW + 30_000);
        assertEquals(Cause.REFUSED, refused.i.ended.cause());
        assertEquals(ErrorCode.SERVICE_UNAVAILABLE, refused.i.ended.code());
    }

    @Test
    void forgetsAHandshakeAfterTenSeconds() {
        Pair pair = udp().start();
        pair.r.receive(pair.i.next(), NOW);
        pair.r.session.tick(NOW + 10_000);
        assertEquals(Cause.TIMEOUT, pair.r.ended.cause());
    }

    @Test
    void dropsForgedProofsAndTakesTheGoodOne() {
        Pair pair = udp().start();
        pair.r.receive(pair.i.next(), NOW);
        pair.i.receive(pair.r.next(), NOW);
        pair.r.receive(pair.i.next(), NOW);
        byte[] fourth = pair.r.next();
        for (int at = 0; at < fourth.length; at += 5) {
            byte[] forged = fourth.clone();
            forged[at] ^= 1;
            pair.i.receive(forged, NOW);
            assertNull(pair.i.ended);
        }
        pair.i.receive(fourth, NOW);
        byte[] fifth = pair.i.next();
        for (int at = 0; at < fifth.length; at += 5) {
            byte[] forged = fifth.clone();
            forged[at] ^= 1;
            pair.r.receive(forged, NOW);
            assertNull(pair.r.ended);
        }
        pair.r.receive(fifth, NOW);
        pair.pump();
        pair.check();
    }

    @Test
    void takesFramesInAnyOrderOnceEach() {
        Pair pair = udp().open();
        List<byte[]> frames = new ArrayList<>();
        for (int n = 1; n <= 500; n++) {
            pair.i.send(NOW, End.event(Tier.T4, 0x0600, "n", (long) n));
            frames.add(pair.i.next());
        }
        List<byte[]> twice = new ArrayList<>(frames);
        twice.addAll(frames);
        Collections.shuffle(twice, new Random(5));
        twice.forEach(frame -> pair.r.receive(frame, NOW));
        Set<Object> seen = new HashSet<>();
        pair.r.messages.forEach(message -> assertTrue(seen.add(message.payload().toMap().get("n"))));
        assertEquals(500, seen.size());
        assertNull(pair.r.ended);
    }

    @Test
    void dropsFramesBelowTheWindow() {
        Pair pair = udp().open();
        pair.i.send(NOW, End.event(Tier.T4, 0x0600));
        byte[] old = pair.i.next();
        for (int n = 0; n < 1024; n++) {
            pair.r.receive(pair.forge(pair.i, Tier.T3, 0, new byte[0]), NOW);
        }
        pair.r.receive(old, NOW);
        assertTrue(pair.r.messages.isEmpty());
    }

    @Test
    void repeatsRequestsAndExecutesThemOnce() {
        Pair pair = udp().open();
        pair.i.send(NOW, End.request(Tier.T4, 0x0600, 7));
        byte[] lost = pair.i.next();
        pair.i.session.tick(NOW + 1_000);
        byte[] second = pair.i.next();
        assertFalse(Arrays.equals(lost, second));
        pair.r.receive(second, NOW + 1_000);
        pair.i.session.tick(NOW + 3_000);
        pair.r.receive(pair.i.next(), NOW + 3_000);
        assertEquals(1, pair.r.messages.size());
        assertTrue(pair.r.frames.isEmpty());
        pair.r.send(NOW + 3_500, new Outgoing(Tier.T4, 0x0600, End.payload(Envelope.response(7,
                ErrorCode.OK)), false));
        byte[] answer = pair.r.next();
        pair.i.session.tick(NOW + 7_000);
        pair.r.receive(pair.i.next(), NOW + 7_000);
        byte[] again = pair.r.next();
        assertFalse(Arrays.equals(answer, again));
        pair.i.receive(again, NOW + 7_000);
        assertEquals(1, pair.i.messages.size());
        assertEquals(1, pair.r.messages.size());
        pair.i.session.tick(NOW + 20_000);
        assertTrue(pair.i.unanswered.isEmpty());
        pair.r.receive(lost, NOW + 63_499);
        assertEquals(1, pair.r.frames.size());
        pair.r.frames.clear();
        pair.r.receive(pair.forge(pair.i, Tier.T4, 0x0600, End.payload(Envelope.request(7))), NOW + 63_500);
        assertEquals(2, pair.r.messages.size());
    }

    @Test
    void saysWhenARequestStaysWithoutAnAnswer() {
        Pair pair = udp().open();
        pair.i.send(NOW, End.request(Tier.T4, 0x0600, 7));
        for (long at : new long[] {1_000, 3_000, 7_000}) {
            assertTrue(pair.i.session.nextTick() <= NOW + at);
            pair.i.frames.clear();
            pair.i.session.tick(NOW + at);
            assertEquals(1, pair.i.frames.size());
        }
        pair.i.session.tick(NOW + 11_000);
        assertEquals(List.of(7L), pair.i.unanswered);
    }

    @Test
    void remembersTheLast256Responses() {
        Pair pair = udp().open();
        for (int rid = 1; rid <= 300; rid++) {
            pair.r.receive(pair.forge(pair.i, Tier.T4, 0x0600, End.payload(Envelope.request(rid))), NOW);
            pair.r.send(NOW, new Outgoing(Tier.T4, 0x0600, End.payload(Envelope.response(rid, ErrorCode.OK)),
                    false));
        }
        pair.r.frames.clear();
        pair.r.receive(pair.forge(pair.i, Tier.T4, 0x0600, End.payload(Envelope.request(45))), NOW);
        assertEquals(300, pair.r.messages.size());
        assertEquals(1, pair.r.frames.size());
        pair.r.receive(pair.forge(pair.i, Tier.T4, 0x0600, End.payload(Envelope.request(44))), NOW);
        assertEquals(301, pair.r.messages.size());
    }

    @Test
    void resumesWhenTheLastFrameComesFirst() {
        Pair pair = udp().open();
        pair.wish = pair.wish.resuming(pair.i.ticket);
        pair.start();
        byte[] first = pair.i.next();
        pair.r.receive(first, NOW);
        byte[] second = pair.r.next();
        byte[] third = pair.r.next();
        pair.i.receive(third, NOW);
        assertNull(pair.i.established);
        pair.i.receive(second, NOW);
        assertTrue(pair.i.established.resumed());
        byte[] early = pair.forge(pair.r, Tier.T4, 0x0600, new byte[] {(byte) 0x80});
        pair.i.receive(early, NOW);
        assertTrue(pair.i.messages.isEmpty());
        pair.i.session.tick(NOW + 1_000);
        assertArrayEquals(first, pair.i.next());
        pair.r.receive(first, NOW + 1_000);
        assertArrayEquals(second, pair.r.next());
        assertArrayEquals(third, pair.r.next());
        pair.i.receive(third, NOW + 1_000);
        assertTrue(pair.i.confirmed);
        pair.check();
    }

    /** One node with many peers behind one address. */
    private static final class Node implements Multiplexer.Owner<String> {
        final Pair shared;
        final Multiplexer<String> multiplexer;
        final Map<String, ArrayDeque<byte[]>> sent = new HashMap<>();
        final List<End> accepted = new ArrayList<>();

        Node(Pair shared) {
            this.shared = shared;
            multiplexer = new Multiplexer<>(shared.responderSettings, shared.responderNode,
                    shared.responderNode,
                    shared.tickets, shared.admission, Line.UDP, new SecureRandom(), this);
        }

        @Override
        public void send(String to, byte[] buffer, int offset, int length) {
            sent.computeIfAbsent(to, _ -> new ArrayDeque<>()).add(Arrays.copyOfRange(buffer, offset, offset
                    + length));
        }

        @Override
        public InetAddress network(String from) {
            return End.address(from.charAt(0));
        }

        @Override
        public Output accept(Session session, String from) {
            End end = new End();
            end.session = session;
            accepted.add(end);
            return end;
        }

        ArrayDeque<byte[]> to(String address) {
            return sent.computeIfAbsent(address, _ -> new ArrayDeque<>());
        }

        void receive(String from, byte[] frame, long now) {
            multiplexer.receive(from, frame, 0, frame.length, now);
        }

        End initiator(Wish wish) {
            End i = End.initiator(shared.initiatorSettings, shared.initiatorNode, wish, Line.UDP,
                    new SecureRandom());
            i.session.start(NOW);
            return i;
        }

        void pump(String address, End i, long now) {
            while (!i.frames.isEmpty() || !to(address).isEmpty()) {
                while (!i.frames.isEmpty()) {
                    receive(address, i.next(), now);
                }
                while (!to(address).isEmpty()) {
                    i.receive(to(address).poll(), now);
                }
            }
        }

        End open(String address) {
            End i = initiator(shared.wish);
            pump(address, i, NOW);
            assertTrue(i.confirmed);
            return i;
        }
    }

    @Test
    void servesManyPeersBehindOneAddress() {
        Node node = new Node(udp());
        Set<Integer> ids = new HashSet<>();
        List<End> all = new ArrayList<>();
        for (int n = 0; n < 10; n++) {
            End i = node.open("a" + n);
            assertTrue(ids.add(i.established.sessionId()));
            all.add(i);
        }
        assertEquals(10, node.multiplexer.sessionCount());
        all.get(3).send(NOW, End.event(Tier.T5, 0x0600));
        node.pump("a3", all.get(3), NOW);
        assertEquals(1, node.accepted.get(3).messages.size());
        assertTrue(node.multiplexer.nextTick() < Long.MAX_VALUE);
        node.multiplexer.tick(NOW + 30_000);
        assertEquals(1, node.to("a7").size());
        all.get(3).session.close("bye", NOW);
        node.pump("a3", all.get(3), NOW);
        assertEquals(9, node.multiplexer.sessionCount());
        assertEquals(Cause.CLOSED, node.accepted.get(3).ended.cause());
        node.multiplexer.tick(NOW + 90_000);
        assertEquals(0, node.multiplexer.sessionCount());
        assertEquals(Long.MAX_VALUE, node.multiplexer.nextTick());
        assertEquals(0, node.shared.admission.sessionCount());
    }

    @Test
    void answersRepeatedFirstFramesOnceCounted() {
        Node node = new Node(udp());
        End i = node.initiator(node.shared.wish);
        byte[] first = i.next();
        node.receive("a", first, NOW);
        byte[] second = node.to("a").poll();
        node.receive("a", first, NOW + 9_000);
        assertArrayEquals(second, node.to("a").poll());
        node.receive("b", first, NOW + 9_000);
        assertTrue(node.to("b").isEmpty());
        assertEquals(1, node.multiplexer.sessionCount());
        node.multiplexer.tick(NOW + 10_000);
        assertEquals(0, node.multiplexer.sessionCount());
        node.receive("a", first, NOW + 10_000);
        assertFalse(Arrays.equals(second, node.to("a").poll()));
    }

    @Test
    void repeatsARefusalToo() {
        Node node = new Node(udp().responder(Tier.T5, Tier.T5));
        End i = node.initiator(node.shared.wish.tiers(Tier.T4, Tier.T3));
        byte[] first = i.next();
        node.receive("a", first, NOW);
        byte[] refusal = node.to("a").poll();
        assertNotNull(refusal);
        assertEquals(0, node.multiplexer.sessionCount());
        assertTrue(node.accepted.isEmpty());
        node.receive("a", first, NOW + 1);
        assertArrayEquals(refusal, node.to("a").poll());
    }

    @Test
    void ignoresWhatBelongsToNobody() {
        Node node = new Node(udp());
        End i = node.open("a");
        node.receive("a", new byte[] {1, 2, 3}, NOW);
        node.receive("a", new byte[0], NOW);
        node.receive("b", Forged.plain(Tier.T4, 0x0600, 0, i.established.sessionId() ^ 1, End.TIME, null,
                Map.of()), NOW);
        node.receive("b", Forged.plain(Tier.T4, 0x0600, 0, 0, End.TIME, null, Map.of()), NOW);
        assertTrue(node.to("a").isEmpty());
        assertTrue(node.to("b").isEmpty());
        assertEquals(3, node.multiplexer.unknown());
        assertEquals(1, node.multiplexer.sessionCount());
        assertEquals(1, node.accepted.size());
        assertEquals(0, node.shared.admission.halfOpenCount());
    }

    @Test
    void dropsTheOldestHalfOpenOne() {
        Node node = new Node(udp().limits(Limits.DEFAULT.withHalfOpen(256, 2)));
        for (int n = 0; n < 3; n++) {
            node.receive("a", node.initiator(node.shared.wish).next(), NOW);
        }
        assertEquals(2, node.multiplexer.sessionCount());
        assertNotNull(node.shared.admission);
        assertEquals(2, node.shared.admission.halfOpenCount());
    }

    @Test
    void takesTheRestOfAHandshakeFromItsOwnAddressOnly() {
        Node node = new Node(udp());
        End i = node.initiator(node.shared.wish);
        node.receive("a", i.next(), NOW);
        i.receive(node.to("a").poll(), NOW);
        byte[] third = i.next();
        node.receive("b", third, NOW);
        assertTrue(node.to("b").isEmpty());
        assertTrue(node.to("a").isEmpty());
        node.receive("a", third, NOW);
        assertEquals(1, node.to("a").size());
    }

    @Test
    void followsAPeerToItsNewAddress() {
        Node node = new Node(udp());
        End i = node.open("a");
        End r = node.accepted.getFirst();
        i.send(NOW, End.event(Tier.T5, 0x0600));
        byte[] old = i.next();
        i.send(NOW, End.event(Tier.T5, 0x0600));
        node.receive("b", i.next(), NOW);
        assertEquals(1, r.messages.size());
        assertEquals(1, node.to("b").size());
        node.receive("c", old, NOW);
        assertEquals(2, r.messages.size());
        assertTrue(node.to("c").isEmpty(), "an old frame moves nobody");
        r.send(NOW, End.event(Tier.T5, 0x0601, "data", Bytes.wrap(new byte[500])));
        assertEquals(1, node.to("b").size(), "more than three times what came from there");
        assertTrue(node.to("a").isEmpty());
        node.pump("b", i, NOW);
        r.send(NOW, End.event(Tier.T5, 0x0601, "data", Bytes.wrap(new byte[900])));
        assertEquals(1, node.to("b").size());
        node.pump("b", i, NOW);
        assertEquals(1, i.messages.size());
    }

    @Test
    void probesANewAddressAgain() {
        Node node = new Node(udp());
        End i = node.open("a");
        i.send(NOW, End.event(Tier.T5, 0x0600));
        node.receive("b", i.next(), NOW);
        node.to("b").clear();
        i.send(NOW + 500, End.event(Tier.T5, 0x0600));
        node.receive("b", i.next(), NOW + 500);
        assertTrue(node.to("b").isEmpty());
        i.send(NOW + 1_000, End.event(Tier.T5, 0x0600));
        node.receive("b", i.next(), NOW + 1_000);
        assertEquals(1, node.to("b").size());
    }

    @Test
    void movesNobodyForForgedFrames() {
        Node node = new Node(udp());
        End i = node.open("a");
        i.send(NOW, End.event(Tier.T5, 0x0600));
        byte[] frame = i.next();
        frame[70] ^= 1;
        node.receive("b", frame, NOW);
        node.accepted.getFirst().send(NOW, End.event(Tier.T5, 0x0601));
        assertEquals(1, node.to("a").size());
        assertTrue(node.to("b").isEmpty());
    }

    @Test
    void sendsNoMoreThanThreeTimesToAnAddressThatOnlyResumed() {
        Node node = new Node(udp());
        End first = node.open("a");
        End i = node.initiator(node.shared.wish.resuming(first.ticket));
        byte[] resume = i.next();
        node.receive("b", resume, NOW);
        int bytes = node.to("b").stream().mapToInt(frame -> frame.length).sum();
        assertTrue(bytes > 0 && bytes <= 3 * resume.length);
        node.accepted.get(1).send(NOW, End.event(Tier.T5, 0x0601, "data", Bytes.wrap(new byte[900])));
        assertEquals(2, node.to("b").size());
        node.pump("b", i, NOW);
        i.send(NOW, End.event(Tier.T5, 0x0600));
        node.pump("b", i, NOW);
        node.accepted.get(1).send(NOW, End.event(Tier.T5, 0x0601, "data", Bytes.wrap(new byte[900])));
        assertEquals(1, node.to("b").size());
    }

    @Test
    void passesEverythingOnToItsOutput() {
        Node node = new Node(udp());
        End i = node.open("a");
        End r = node.accepted.getFirst();
        r.held = true;
        Outgoing tooHigh = End.event(Tier.T1, 0x0600);
        r.send(NOW, tooHigh);
        assertEquals(List.of(tooHigh), r.unsendable);
        r.send(NOW, End.request(Tier.T5, 0x0600, 5));
        for (long at : new long[] {1_000, 3_000, 7_000, 11_000}) {
            node.multiplexer.tick(NOW + at);
        }
        assertEquals(List.of(5L), r.unanswered);
        i.session.rotate(NOW);
        node.pump("a", i, NOW);
        assertEquals(List.of(1L), r.rotations);
        i.receive(new byte[0], NOW);
        long quarter = NOW + 900_000;
        r.session.receive(node.shared.forge(i, Tier.T5, 0, new byte[0]), 0, 96, quarter);
        node.multiplexer.tick(quarter);
        assertNull(r.ended);
    }

    /**
     * Requests both ways through a bad network, with a rotation and a second handshake; every one is executed
     * once.
     */
    @ParameterizedTest
    @CsvSource({"1,0.0,0.0", "2,0.1,0.1", "3,0.1,0.3", "4,0.2,0.2", "5,0.2,0.0", "6,0.15,0.5", "7,0.2,0.2",
            "9,0.2,0.2"})
    void worksOverABadNetwork(long seed, double loss, double repeats) {
        Pair pair = udp();
        Node node = new Node(pair);
        LossyLink link = new LossyLink(seed, loss, repeats, 400, NOW);
        End i = End.initiator(pair.initiatorSettings, pair.initiatorNode, pair.wish, Line.UDP,
                new SecureRandom());
        End[] ends = {i, null};
        Map<Long, Integer> executed = new HashMap<>();
        LossyLink.Ticking initiator = new LossyLink.Ticking() {
            @Override
            public void tick(long now) {
                i.session.tick(now);
                flush(link, node, i);
            }

            @Override
            public long nextTick() {
                return i.session.nextTick();
            }
        };
        LossyLink.Ticking responder = new LossyLink.Ticking() {
            @Override
            public void tick(long now) {
                node.multiplexer.tick(now);
                flush(link, node, i);
            }

            @Override
            public long nextTick() {
                return node.multiplexer.nextTick();
            }
        };
        link.add(initiator);
        link.add(responder);
        i.session.start(NOW);
        flush(link, node, i);
        link.run(NOW + 25_000);
        assertTrue(i.session.isOpen(), () -> "handshake: " + i.ended);
        ends[1] = node.accepted.getLast();
        ends[1].reaction = message -> {
            if (message.status() == null) {
                executed.merge(message.rid(), 1, Integer::sum);
                ends[1].send(link.now, new Outgoing(Tier.T5, message.operation(),
                        End.payload(Envelope.response(message.rid(), ErrorCode.OK)), false));
            }
        };
        int requests = 100;
        for (int n = 0; n < requests; n++) {
            i.send(link.now, End.request(Tier.T5, 0x0600, i.session.nextRid(), "data",
                    Bytes.wrap(new byte[n % 10 == 0 ? 3000 : 30])));
            if (n % 30 == 29) {
                (n % 60 == 59 ? ends[1] : i).session.rotate(link.now);
            }
            flush(link, node, i);
            link.run(link.now + 500);
        }
        link.run(link.now + 60_000);
        assertNull(i.ended);
        assertNull(ends[1].ended);
        assertEquals(i.session.generation(), ends[1].session.generation());
        assertNotEquals(0, i.session.generation());
        executed.forEach((rid, times) -> assertEquals(1, times, "rid " + rid));
        long answered = i.messages.stream().map(End.Message::rid).distinct().count();
        assertEquals(requests, answered + i.unanswered.size());
        assertTrue(answered >= requests * (loss == 0 ? 1.0 : 0.9), answered + " answered");
    }

    private static void flush(LossyLink link, Node node, End i) {
        while (!i.frames.isEmpty()) {
            byte[] frame = i.next();
            link.send(() -> {
                node.receive("a", frame, link.now);
                flush(link, node, i);
            });
        }
        while (!node.to("a").isEmpty()) {
            byte[] frame = node.to("a").poll();
            link.send(() -> {
                i.receive(frame, link.now);
                flush(link, node, i);
            });
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13, 14})
    void shakesHandsOverABadNetworkOrSaysSo(long seed) {
        int open = 0;
        for (int n = 0; n < 20; n++) {
            Pair pair = udp();
            Node node = new Node(pair);
            LossyLink link = new LossyLink(seed * 1000 + n, 0.3, 0.3, 1500, NOW);
            End i = End.initiator(pair.initiatorSettings, pair.initiatorNode, pair.wish, Line.UDP,
                    new SecureRandom());
            link.add(new LossyLink.Ticking() {
                @Override
                public void tick(long now) {
                    i.session.tick(now);
                    flush(link, node, i);
                }

                @Override
                public long nextTick() {
                    return i.session.nextTick();
                }
            });
            i.session.start(NOW);
            flush(link, node, i);
            link.run(NOW + 31_000);
            assertTrue(i.confirmed || i.ended != null);
            open += i.confirmed ? 1 : 0;
        }
        assertTrue(open >= 10, open + " of 20");
    }
}
