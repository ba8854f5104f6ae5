package org.myclerk.core.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.myclerk.core.session.Pair.NOW;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Envelope;
import org.myclerk.core.frame.Container;
import org.myclerk.core.frame.Frame;
import org.myclerk.core.frame.Layout;

/** How messages leave: alone, together, in pieces, compressed (profile §7-§9). */
class OutboundTest {

    private static Outgoing[] requests(int count, Tier tier, int operation, int size) {
        Outgoing[] all = new Outgoing[count];
        for (int n = 0; n < count; n++) {
            all[n] = End.request(tier, operation, n + 1, "data", Bytes.wrap(new byte[size]));
        }
        return all;
    }

    private static List<Long> rids(End end) {
        return end.messages.stream().map(End.Message::rid).toList();
    }

    private static List<Long> upTo(long last) {
        List<Long> all = new ArrayList<>();
        for (long n = 1; n <= last; n++) {
            all.add(n);
        }
        return all;
    }

    @ParameterizedTest
    @EnumSource(names = {"T3", "T4", "T5"})
    void putsSmallNeighboursIntoOneContainer(Tier tier) throws Exception {
        Pair pair = Pair.open(tier);
        pair.i.send(NOW, requests(64, tier, 0x0600, 20));
        assertEquals(1, pair.i.frames.size());
        byte[] frame = pair.i.frames.peek();
        assertEquals(0, Opened.operation(frame));
        pair.pump();
        assertEquals(upTo(64), rids(pair.r));
        assertEquals(tier, pair.r.lastMessage().tier());
    }

    @Test
    void looksAtTheWallClockOnceAMillisecondAndFollowsItWhenItIsSet() throws Exception {
        Pair pair = Pair.open(Tier.T3);
        pair.clock.looks = 0;
        for (Outgoing one : requests(3, Tier.T3, 0x0600, 20)) {
            pair.i.send(NOW + 1, one);
        }
        assertEquals(1, pair.clock.looks);
        assertEquals(3, pair.i.frames.size());
        pair.pump(NOW + 1);
        assertEquals(2, pair.clock.looks, "the other end's");
        pair.clock.seconds += 40;
        pair.i.send(NOW + 2, requests(1, Tier.T3, 0x0600, 20));
        byte[] dated = pair.i.frames.peek();
        assertEquals(pair.clock.seconds, Frame.parse(dated, 0, dated.length).timestamp());
        pair.clock.seconds += 301;
        pair.r.receive(dated, NOW + 3);
        assertEquals("its clock is 301 s off", pair.r.ended.reason());
    }

    @Test
    void leavesALoneMessageAlone() {
        Pair pair = Pair.open(Tier.T3);
        pair.i.send(NOW, requests(1, Tier.T3, 0x0600, 20));
        assertEquals(0x0600, Opened.operation(pair.i.frames.peek()));
        pair.pump();
        assertEquals(1, pair.r.messages.size());
    }

    @Test
    void putsNoMoreThan256ItemsAnd16KibibytesIntoOne() throws Exception {
        Pair many = Pair.open(Tier.T3);
        many.i.send(NOW, requests(600, Tier.T3, 0x0600, 0));
        assertEquals(3, many.i.frames.size());
        for (byte[] frame : many.i.frames) {
            assertTrue(Container.read(Opened.plaintext(many.r, frame)).size() <= 256);
        }
        Pair large = Pair.open(Tier.T3);
        large.i.send(NOW, requests(100, Tier.T3, 0x0600, 1000));
        assertTrue(large.i.frames.size() > 6);
        for (byte[] frame : large.i.frames) {
            assertTrue(frame.length <= 16 * 1024 + Layout.sealedOverhead(Tier.T3));
        }
        large.pump();
        assertEquals(upTo(100), rids(large.r));
    }

    @Test
    void keepsTheOrderAcrossTiersAndSizes() {
        Pair pair = Pair.open(Tier.T5);
        List<Outgoing> mixed = new ArrayList<>();
        Random random = new Random(1);
        for (int n = 1; n <= 300; n++) {
            Tier tier = Tier.of(2 + random.nextInt(4));
            int size = random.nextInt(10) == 0 ? random.nextInt(100_000) : random.nextInt(60);
            mixed.add(End.request(tier, 0x0610, n, "data", Bytes.wrap(new byte[size])));
        }
        pair.i.send(NOW, mixed.toArray(Outgoing[]::new));
        pair.pump();
        assertEquals(upTo(300), rids(pair.r));
        for (int n = 0; n < 300; n++) {
            assertEquals(mixed.get(n).tier(), pair.r.messages.get(n).tier());
            assertArrayEquals(mixed.get(n).payload(), End.bytes(pair.r.messages.get(n)).toArray());
        }
    }

    @ParameterizedTest
    @CsvSource({"65535,true", "1200,false", "1024,true", "300,true"})
    void cutsLargeMessages(int largestFrame, boolean ordered) {
        Pair pair = new Pair().line(new Line(ordered, largestFrame)).open();
        byte[] data = new byte[largestFrame == 300 ? 100_000 : (1 << 20) - 100];
        new Random(2).nextBytes(data);
        Outgoing message = End.event(Tier.T5, 0x0600, "data", Bytes.wrap(data));
        pair.i.send(NOW, message, message);
        for (byte[] frame : pair.i.frames) {
            assertTrue(frame.length <= largestFrame);
        }
        pair.pump();
        assertEquals(2, pair.r.messages.size());
        assertArrayEquals(message.payload(), End.bytes(pair.r.lastMessage()).toArray());
        assertNull(pair.r.ended);
    }

    @Test
    void refusesWhatNoFrameCanCarry() {
        Pair pair = Pair.open(Tier.T4);
        assertEquals(1 << 20, pair.i.session.largestPayload(Tier.T4));
        Outgoing tooLarge = new Outgoing(Tier.T4, 0x0600, new byte[(1 << 20) + 1], false);
        Outgoing tooHigh = End.event(Tier.T5, 0x0600);
        Outgoing core = End.event(Tier.T4, 0x0005);
        Outgoing reserved = End.event(Tier.T4, 0xFFFF);
        Outgoing plain = End.event(Tier.T1, 0x0600);
        Outgoing good = End.event(Tier.T4, 0x0600);
        pair.i.send(NOW, tooLarge, tooHigh, core, reserved, plain, good);
        assertEquals(List.of(tooLarge, tooHigh, core, reserved, plain), pair.i.unsendable);
        pair.pump();
        assertEquals(1, pair.r.messages.size());
        pair.check();
    }

    @Test
    void refusesLargeMessagesWithoutFragments() {
        Pair pair = new Pair().capabilities(2L).open();
        int largest = pair.i.session.largestPayload(Tier.T5);
        assertEquals(65535 - 96, largest);
        Outgoing fits = new Outgoing(Tier.T5, 0x0600, padded(largest), false);
        Outgoing tooLarge = new Outgoing(Tier.T5, 0x0600, padded(largest + 1), false);
        pair.i.send(NOW, fits, tooLarge);
        assertEquals(List.of(tooLarge), pair.i.unsendable);
        pair.pump();
        assertArrayEquals(fits.payload(), End.bytes(pair.r.lastMessage()).toArray());
    }

    /** A payload of exactly that size. */
    private static byte[] padded(int size) {
        byte[] one = End.payload(Envelope.NONE, "data", Bytes.wrap(new byte[size - 20]));
        byte[] exact = End.payload(Envelope.NONE, "data", Bytes.wrap(new byte[size - 20
                + size - one.length]));
        assertEquals(size, exact.length);
        return exact;
    }

    @Test
    void refusesMoreThan4096Pieces() {
        Pair pair = new Pair().line(new Line(true, 300)).open();
        Outgoing message = End.event(Tier.T5, 0x0600, "data", Bytes.wrap(new byte[(1 << 20) - 100]));
        pair.i.send(NOW, message);
        assertEquals(List.of(message), pair.i.unsendable);
        pair.check();
    }

    @Test
    void sendsNoTierTwoOnAnUnorderedTransport() {
        Pair pair = new Pair().line(Line.UDP).open();
        Outgoing message = End.event(Tier.T2, 0x0610);
        pair.i.send(NOW, message);
        assertEquals(List.of(message), pair.i.unsendable);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1})
    void compressesWhatMayBeAndShrinks(long algorithm) {
        Pair pair = new Pair().capabilities(2L, 4L, algorithm).open();
        byte[] text = End.payload(Envelope.NONE, "text", "hello ".repeat(30_000));
        byte[] noise = new byte[2000];
        new Random(3).nextBytes(noise);
        pair.i.send(NOW, new Outgoing(Tier.T5, 0x0600, text, true), new Outgoing(Tier.T5, 0x0601, text,
                false),
                new Outgoing(Tier.T5, 0x0602, End.payload(Envelope.NONE, "data", Bytes.wrap(noise)), true),
                new Outgoing(Tier.T5, 0xF350, text, true), new Outgoing(Tier.T5, 0x0670, text, true));
        List<byte[]> frames = List.copyOf(pair.i.frames);
        assertEquals(4, frames.getFirst()[0] & 4);
        assertTrue(frames.getFirst().length < 10_000);
        for (byte[] frame : frames.subList(1, frames.size())) {
            assertEquals(0, frame[0] & 4);
        }
        pair.pump();
        assertEquals(5, pair.r.messages.size());
        assertArrayEquals(text, End.bytes(pair.r.messages.getFirst()).toArray());
    }

    @Test
    void compressesNothingThatWasNotAgreed() {
        Pair pair = new Pair().capabilities(2L, 4L).open();
        pair.i.send(NOW, new Outgoing(Tier.T5, 0x0600, End.payload(Envelope.NONE, "text", "a".repeat(5000)),
                true));
        assertEquals(0, pair.i.frames.peek()[0] & 4);
    }

    @Test
    void cutsWhatStaysLargeAfterCompression() {
        Pair pair = Pair.open(Tier.T5);
        byte[] data = new byte[900_000];
        new Random(4).nextBytes(data);
        Arrays.fill(data, 0, 450_000, (byte) 7);
        byte[] payload = End.payload(Envelope.NONE, "data", Bytes.wrap(data));
        pair.i.send(NOW, new Outgoing(Tier.T5, 0x0600, payload, true));
        for (byte[] frame : pair.i.frames) {
            assertEquals(6, frame[0] & 6);
        }
        pair.pump();
        assertArrayEquals(payload, End.bytes(pair.r.lastMessage()).toArray());
    }

    @Test
    void stopsAtCongestion() {
        Pair pair = Pair.open(Tier.T4);
        pair.i.congested = true;
        ArrayDeque<Outgoing> queue = new ArrayDeque<>(List.of(requests(3, Tier.T4, 0x0600, 5)));
        assertEquals(0, pair.i.session.seal(queue, NOW));
        assertEquals(3, queue.size());
        pair.i.congested = false;
        assertEquals(3, pair.i.session.seal(queue, NOW));
        assertEquals(0, pair.i.session.seal(queue, NOW));
    }

    @Test
    void forgetsOpenFragmentsInTime() {
        Pair pair = new Pair().line(Line.UDP).open();
        Outgoing message = End.event(Tier.T5, 0x0600, "data", Bytes.wrap(new byte[3000]));
        pair.i.send(NOW, message);
        byte[] first = pair.i.next();
        pair.r.receive(first, NOW);
        pair.r.session.tick(NOW + 10_000);
        while (!pair.i.frames.isEmpty()) {
            pair.r.receive(pair.i.next(), NOW + 10_001);
        }
        assertTrue(pair.r.messages.isEmpty());
        pair.check();
    }
}
