package org.myclerk.core.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.myclerk.core.session.Pair.NOW;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.function.UnaryOperator;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.myclerk.api.operation.Tier;
import org.myclerk.core.crypto.Crypto;

/** Not one byte of a handshake, nor one bit of an open session, may change; and nothing may be missing. */
class AlteredFramesTest {

    private static final int FRAMES = 6;

    /** A handshake in which one frame is replaced; returns whether both ends came to trust each other. */
    private static boolean completes(Pair pair, int frame, UnaryOperator<byte[]> change) {
        pair.start();
        End from = pair.i;
        End to = pair.r;
        for (int number = 1; number <= FRAMES; number++) {
            byte[] bytes = from.frames.poll();
            if (bytes == null) {
                return false;
            }
            to.receive(number == frame ? change.apply(bytes) : bytes, NOW);
            End next = to;
            to = from;
            from = next;
        }
        return pair.i.confirmed && pair.r.session.isOpen() && pair.i.session.isOpen();
    }

    /** A frame's length; in one of 256 handshakes a small session id makes it a byte or two shorter. */
    private static int length(Tier tier, int number) {
        int[] length = {0};
        assertTrue(completes(new Pair().tiers(tier, tier), number, bytes -> {
            length[0] = bytes.length;
            return bytes;
        }));
        return length[0];
    }

    @ParameterizedTest
    @CsvSource({"T3,1", "T3,2", "T3,3", "T3,4", "T3,5", "T3,6", "T5,1", "T5,2", "T5,3", "T5,4", "T5,5",
            "T5,6"})
    void refusesEveryAlteredByteOfTheHandshake(Tier tier, int number) {
        int length = length(tier, number);
        Random random = new Random(number);
        for (int at = 0; at < length; at++) {
            int position = at;
            byte mask = (byte) (1 + random.nextInt(255));
            Pair pair = new Pair().tiers(tier, tier);
            assertFalse(completes(pair, number, bytes -> {
                bytes[position % bytes.length] ^= mask;
                return bytes;
            }), "byte " + at);
            assertTrue(pair.i.ended != null || pair.r.ended != null, "byte " + at);
        }
    }

    /**
     * What the trailer of a plain frame covers can be changed by anybody, since its key is public: then a
     * later check holds.
     */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void refusesPlainFramesWhoseTrailerWasMadeAnew(int number) {
        int length = length(Tier.T4, number);
        for (int at = 0; at < length - 8; at++) {
            int position = at;
            assertFalse(completes(new Pair().tiers(Tier.T4, Tier.T4), number, bytes -> {
                bytes[position % (bytes.length - 8)] ^= 1;
                byte[] trailer = Crypto.hmac("myclerk-v0 unkeyed".getBytes(
                        StandardCharsets.US_ASCII), Arrays.copyOf(bytes, bytes.length - 8));
                System.arraycopy(trailer, 0, bytes, bytes.length - 8, 8);
                return bytes;
            }), "byte " + at);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6})
    void refusesEveryPrefixOfTheHandshake(int number) {
        int length = length(Tier.T4, number);
        for (int keep = 0; keep < length; keep++) {
            int size = keep;
            assertFalse(completes(new Pair().tiers(Tier.T4, Tier.T4), number, bytes -> Arrays.copyOf(bytes,
                    Math.min(size, bytes.length - 1))), "length " + keep);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6})
    void refusesTrailingBytesInTheHandshake(int number) {
        assertFalse(completes(new Pair().tiers(Tier.T4, Tier.T4), number,
                bytes -> Arrays.copyOf(bytes, bytes.length + 1)));
    }

    @ParameterizedTest
    @EnumSource(names = {"T2", "T3", "T4", "T5"})
    void closesOnEveryAlteredByteOfAnOpenSession(Tier tier) {
        byte[] first = sealed(Pair.open(Tier.T5), tier);
        for (int bit = 0; bit < 8 * first.length; bit += 7) {
            Pair pair = Pair.open(Tier.T5);
            byte[] frame = sealed(pair, tier);
            frame[bit / 8] ^= (byte) (1 << bit % 8);
            pair.r.receive(frame, NOW);
            assertTrue(pair.r.messages.isEmpty(), "bit " + bit);
            assertNotNull(pair.r.ended, "bit " + bit);
        }
    }

    private static byte[] sealed(Pair pair, Tier tier) {
        pair.i.send(NOW, End.request(tier, 0x0610, 1));
        return pair.i.next();
    }

    @ParameterizedTest
    @EnumSource(names = {"T3", "T4", "T5"})
    void dropsEveryFlippedBitOnAnUnorderedTransport(Tier tier) {
        Pair pair = new Pair().line(Line.UDP).open();
        byte[] frame = sealed(pair, tier);
        for (int bit = 0; bit < 8 * frame.length; bit++) {
            frame[bit / 8] ^= (byte) (1 << bit % 8);
            pair.r.receive(frame, NOW);
            frame[bit / 8] ^= (byte) (1 << bit % 8);
        }
        assertTrue(pair.r.messages.isEmpty());
        assertNull(pair.r.ended);
        assertEquals(8L * frame.length, pair.r.session.dropped());
        pair.r.receive(frame, NOW);
        assertEquals(1, pair.r.messages.size());
    }

    @Test
    void closesOnEveryPrefixInAnOpenSession() {
        int length = sealed(Pair.open(Tier.T5), Tier.T3).length;
        for (int keep = 0; keep < length; keep++) {
            Pair pair = Pair.open(Tier.T5);
            pair.r.receive(Arrays.copyOf(sealed(pair, Tier.T3), keep), NOW);
            assertNotNull(pair.r.ended, "length " + keep);
            assertTrue(pair.r.messages.isEmpty());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"repeat", "skip", "swap", "reflect"})
    void closesOnFramesOutOfOrder(String how) {
        Pair pair = Pair.open(Tier.T3);
        byte[] first = sealed(pair, Tier.T3);
        byte[] second = sealed(pair, Tier.T3);
        switch (how) {
            case "repeat" -> {
                pair.r.receive(first, NOW);
                assertNull(pair.r.ended);
                pair.r.receive(first, NOW);
            }
            case "skip", "swap" -> pair.r.receive(second, NOW);
            default -> pair.i.receive(first, NOW);
        }
        assertNotNull(how.equals("reflect") ? pair.i.ended : pair.r.ended);
        assertTrue(pair.i.messages.isEmpty());
    }

    @Test
    void takesNothingOfAnotherSession() {
        Pair one = Pair.open(Tier.T3);
        Pair other = Pair.open(Tier.T3);
        byte[] frame = sealed(one, Tier.T3);
        frame[4] = (byte) (other.r.established.sessionId() >> 8);
        frame[5] = (byte) other.r.established.sessionId();
        other.r.receive(frame, NOW);
        assertNotNull(other.r.ended);
    }
}
