package org.myclerk.core.frame;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.myclerk.api.operation.ProtocolException.Fatal;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Bytes;
import org.myclerk.core.crypto.CryptoProvider;
import org.myclerk.core.crypto.Hmac;
import org.myclerk.core.crypto.Secret;
import org.myclerk.core.crypto.TrafficKeys;
import org.myclerk.core.crypto.Wired;

/** Sealing and opening (profile §5, §15). */
@ParameterizedClass
@ValueSource(strings = {"jdk", "libcrypto"})
class SealedFrameTest {

    private static final int GPIO_LINE_SET = 0x0624;
    private static final long LAST = 0xFFFF_FFFFL;
    private static final byte[] PLAINTEXT = {1, 2, 3, 4, 5};

    private final CryptoProvider crypto;

    SealedFrameTest(String setting) {
        crypto = Wired.named(setting);
    }

    private static TrafficKeys keys(int seed) {
        byte[] bytes = new byte[68];
        new Random(seed).nextBytes(bytes);
        return new TrafficKeys(Secret.wrap(Arrays.copyOf(bytes, 32)),
                Secret.wrap(Arrays.copyOfRange(bytes, 32, 64)),
                Secret.wrap(Arrays.copyOfRange(bytes, 64, 68)));
    }

    private byte[] seal(SealingHalf half, Tier tier, byte[] plaintext) throws Fatal {
        byte[] buffer = new byte[Layout.sealedOverhead(tier) + plaintext.length];
        Arrays.fill(buffer, (byte) 0x5A);
        System.arraycopy(plaintext, 0, buffer, Layout.header(tier), plaintext.length);
        assertEquals(buffer.length, half.seal(buffer, 0, tier, GPIO_LINE_SET, false, false, 0x1234,
                1_767_225_600L, null, plaintext.length));
        return buffer;
    }

    /** What a session does with a frame. */
    private byte[] open(OpeningHalf half, byte[] bytes) throws Malformed {
        Frame frame = Frame.parse(bytes, 0, bytes.length);
        if (!frame.flags().encrypted() || !half.trailerMatches(frame)) {
            throw new Malformed("not sealed by the peer");
        }
        return half.open(frame);
    }

    /** A frame with a certain counter. */
    private byte[] at(long counter) throws Fatal {
        return seal(new SealingHalf(crypto, keys(1), 0, counter), Tier.T3, PLAINTEXT);
    }

    @ParameterizedTest
    @EnumSource(value = Tier.class, names = {"T2", "T3", "T4", "T5"})
    void refusesEveryChangedBitAndEveryPrefix(Tier tier) throws Exception {
        byte[] bytes = seal(new SealingHalf(crypto, keys(1), 3, 1000), tier, PLAINTEXT);
        OpeningHalf half = new OpeningHalf(crypto, keys(1), 3, true, 1000);
        for (int bit = 0; bit < 8 * bytes.length; bit++) {
            byte[] altered = bytes.clone();
            altered[bit / 8] ^= (byte) (1 << bit % 8);
            byte[] before = altered.clone();
            assertThrows(Malformed.class, () -> open(half, altered), "bit " + bit);
            assertArrayEquals(before, altered, "opening changed the frame");
        }
        for (int length = 0; length < bytes.length; length++) {
            byte[] prefix = Arrays.copyOf(bytes, length);
            assertThrows(Malformed.class, () -> open(half, prefix), "length " + length);
        }
        assertThrows(Malformed.class, () -> open(half, Arrays.copyOf(bytes, bytes.length + 1)));
        assertEquals(1000, half.expected(), "a forged frame moved the counter");
        assertArrayEquals(PLAINTEXT, open(half, bytes));
        assertEquals(1001, half.expected());
    }

    /**
     * The AEAD must find by itself what the trailer finds, because whoever has the MAC key has not the AEAD
     * key.
     */
    @ParameterizedTest
    @EnumSource(value = Tier.class, names = {"T2", "T3", "T4", "T5"})
    void refusesEveryChangedBitUnderAGoodTrailer(Tier tier) throws Exception {
        byte[] bytes = seal(new SealingHalf(crypto, keys(1), 3, 1000), tier, PLAINTEXT);
        OpeningHalf half = new OpeningHalf(crypto, keys(1), 3, true, 1000);
        int covered = bytes.length - Layout.trailer(tier);
        long failures = 0;
        for (int bit = 0; bit < 8 * covered; bit++) {
            byte[] altered = bytes.clone();
            altered[bit / 8] ^= (byte) (1 << bit % 8);
            if (tier == Tier.T2) {
                Wire.u16(altered, covered, Crc16.of(altered, 0, covered));
            } else {
                crypto.hmac(keys(1).mac()).of(altered, 0, covered, altered, covered, Layout.trailer(tier));
            }
            assertThrows(Malformed.class, () -> open(half, altered), "bit " + bit);
            failures = Math.max(failures, half.failures());
        }
        assertTrue(failures >= 8 * (PLAINTEXT.length + Layout.TAG), "only " + failures + " reached the AEAD");
        assertArrayEquals(PLAINTEXT, open(half, bytes));
    }

    @ParameterizedTest
    @EnumSource(value = Tier.class, names = {"T2", "T3", "T4", "T5"})
    void refusesOtherKeys(Tier tier) throws Exception {
        byte[] bytes = seal(new SealingHalf(crypto, keys(1), 0), tier, PLAINTEXT);
        assertThrows(Malformed.class, () -> open(new OpeningHalf(crypto, keys(2), 0, true), bytes));
        TrafficKeys mixed = new TrafficKeys(keys(2).aead(), keys(1).mac(), keys(1).random());
        OpeningHalf half = new OpeningHalf(crypto, mixed, 0, true);
        assertThrows(Malformed.class, () -> open(half, bytes));
        assertEquals(1, half.failures());
    }

    @ParameterizedTest
    @EnumSource(value = Tier.class, names = {"T2", "T3", "T4", "T5"})
    void opensInOrderWhatWasSealed(Tier tier) throws Exception {
        SealingHalf sealing = new SealingHalf(crypto, keys(1), 1);
        OpeningHalf opening = new OpeningHalf(crypto, keys(1), 1, true);
        Random random = new Random(3);
        for (int i = 0; i < 600; i++) {
            byte[] plaintext = new byte[random.nextInt(200)];
            random.nextBytes(plaintext);
            byte[] bytes = seal(sealing, tier, plaintext);
            byte[] opened = open(opening, bytes);
            assertArrayEquals(plaintext, opened);
            assertNotSame(bytes, opened);
            assertThrows(Malformed.class, () -> open(opening, bytes), "a repeat");
        }
        assertEquals(600, sealing.counter());
        assertEquals(600, opening.expected());
        assertEquals(1, sealing.generation());
        assertEquals(1, opening.generation());
    }

    @Test
    void refusesAGapWhereOrderIsKept() throws Exception {
        OpeningHalf half = new OpeningHalf(crypto, keys(1), 0, true);
        open(half, at(0));
        assertThrows(Malformed.class, () -> open(half, at(2)));
        assertEquals(1, half.expected());
        open(half, at(1));
    }

    @Test
    void writesNothingAroundTheFrame() throws Fatal {
        for (Tier tier : new Tier[] {Tier.T2, Tier.T3, Tier.T4, Tier.T5}) {
            byte[] buffer = new byte[300];
            Arrays.fill(buffer, (byte) 0x5A);
            int length = new SealingHalf(crypto, keys(1), 0)
                    .seal(buffer, 50, tier, GPIO_LINE_SET, true, true, 1, 2, new byte[32], 20);
            assertEquals(Layout.sealedOverhead(tier) + 20, length);
            for (int i = 0; i < buffer.length; i++) {
                assertTrue(i >= 50 && i < 50 + length || buffer[i] == 0x5A, "byte " + i);
            }
            assertEquals(new Flags(tier, true, true, true).encode(), buffer[50]);
        }
    }

    @Test
    void carriesAnEphemeral() throws Exception {
        byte[] key = new byte[32];
        Arrays.fill(key, (byte) 6);
        byte[] buffer = new byte[Layout.sealedOverhead(Tier.T4)];
        new SealingHalf(crypto, keys(1), 0).seal(buffer, 0, Tier.T4, 0x0016, false, false, 1, 2, key, 0);
        Frame frame = Frame.parse(buffer, 0, buffer.length);
        assertArrayEquals(key, frame.key());
        assertEquals(Bytes.EMPTY, Bytes.wrap(open(new OpeningHalf(crypto, keys(1), 0, true), buffer)));
    }

    @Test
    void spendsEveryCounterOnceAndThenNoMore() throws Exception {
        SealingHalf half = new SealingHalf(crypto, keys(1), 0, LAST);
        byte[] bytes = seal(half, Tier.T3, PLAINTEXT);
        assertEquals(LAST + 1, half.counter());
        assertThrows(Fatal.class, () -> seal(half, Tier.T3, PLAINTEXT));
        assertThrows(Fatal.class, () -> seal(half, Tier.T5, PLAINTEXT));
        assertEquals(LAST + 1, half.counter());

        OpeningHalf opening = new OpeningHalf(crypto, keys(1), 0, false, LAST);
        assertArrayEquals(PLAINTEXT, open(opening, bytes));
        // Nothing comes after the last counter, and the first does not come again.
        byte[] first = at(0);
        assertThrows(Malformed.class, () -> open(opening, first));
        assertThrows(Malformed.class, () -> open(opening, bytes));
        assertEquals(LAST + 1, opening.expected());
    }

    @Test
    void asksForNewKeysAfterHalfOfTheCounters() {
        assertEquals(1L << 31, SealingHalf.ROTATE_AT);
    }

    @Test
    void spendsNoCounterOnWhatCannotBeSealed() throws Fatal {
        SealingHalf half = new SealingHalf(crypto, keys(1), 0);
        byte[] buffer = new byte[Layout.sealedOverhead(Tier.T3) + 10];
        for (Tier tier : new Tier[] {Tier.T0, Tier.T1}) {
            assertThrows(IllegalArgumentException.class,
                    () -> half.seal(buffer, 0, tier, GPIO_LINE_SET, false, false, 1, 2, null, 1));
        }
        assertThrows(IndexOutOfBoundsException.class,
                () -> half.seal(buffer, 0, Tier.T3, GPIO_LINE_SET, false, false, 1, 2, null, 11));
        assertThrows(IndexOutOfBoundsException.class,
                () -> half.seal(buffer, 1, Tier.T3, GPIO_LINE_SET, false, false, 1, 2, null, 10));
        assertThrows(IndexOutOfBoundsException.class,
                () -> half.seal(buffer, 0, Tier.T3, GPIO_LINE_SET, false, false, 1, 2, null, -40));
        assertEquals(0, half.counter());
        assertEquals(buffer.length, half.seal(buffer, 0, Tier.T3, GPIO_LINE_SET, false, false, 1, 2, null,
                10));
    }

    @Test
    void forgetsKeys() throws Exception {
        TrafficKeys keys = keys(1);
        SealingHalf sealing = new SealingHalf(crypto, keys, 0);
        sealing.erase();
        assertArrayEquals(new byte[32], keys.aead().bytes());
        assertThrows(IllegalStateException.class, () -> seal(sealing, Tier.T3, PLAINTEXT));

        OpeningHalf opening = new OpeningHalf(crypto, keys(1), 0, true);
        Frame frame = Frame.parse(at(0), 0, at(0).length);
        assertTrue(opening.trailerMatches(frame));
        opening.erase();
        assertThrows(Malformed.class, () -> opening.open(frame));
    }

    @Test
    void takesEveryCounterOnceInAnyOrder() throws Exception {
        OpeningHalf half = new OpeningHalf(crypto, keys(1), 0, false);
        Random random = new Random(4);
        Set<Long> seen = new HashSet<>();
        long highest = -1;
        for (int i = 0; i < 4000; i++) {
            long counter = Math.max(0, highest + 40 - random.nextInt(1200));
            boolean due = !seen.contains(counter) && counter > highest - 1024;
            byte[] bytes = at(counter);
            if (due) {
                assertArrayEquals(PLAINTEXT, open(half, bytes), "counter " + counter + " of " + highest);
                seen.add(counter);
                highest = Math.max(highest, counter);
            } else {
                assertThrows(Malformed.class, () -> open(half, bytes),
                        "counter " + counter + " of " + highest);
            }
            assertEquals(highest + 1, half.expected());
        }
        assertEquals(0, half.failures(), "a replay is no failure of the AEAD");
    }

    @Test
    void endsTheWindow1024CountersBack() throws Exception {
        OpeningHalf half = new OpeningHalf(crypto, keys(1), 0, false);
        open(half, at(5000));
        assertThrows(Malformed.class, () -> open(half, at(5000 - 1024)));
        open(half, at(5000 - 1023));
        open(half, at(4999));
        // A leap over the whole window leaves nothing of it behind.
        open(half, at(5000 + 1024));
        open(half, at(5000 + 1));
        assertThrows(Malformed.class, () -> open(half, at(5000)));
        open(half, at(50_000));
        for (long counter = 50_000 - 1023; counter < 50_000; counter++) {
            open(half, at(counter));
        }
    }

    @Test
    void refusesSealedTier2WithoutOrder() throws Exception {
        byte[] bytes = seal(new SealingHalf(crypto, keys(1), 0), Tier.T2, PLAINTEXT);
        assertThrows(Malformed.class, () -> open(new OpeningHalf(crypto, keys(1), 0, false), bytes));
        assertArrayEquals(PLAINTEXT, open(new OpeningHalf(crypto, keys(1), 0, true), bytes));
    }

    /** Against the definition: of all counters with those low bits, the nearest to the one expected. */
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 127, 128, 129, 255, 256, 1000, (1L << 31) + 77, LAST - 300, LAST - 127, LAST})
    void recoversTheNearestCounter(long expected) {
        for (int bits = 0; bits < 256; bits++) {
            long counter = CounterRecovery.recover(Tier.T2, expected, bits);
            assertEquals(bits, counter & 0xFF);
            assertTrue(counter >= 0 && counter <= LAST);
            long distance = Math.abs(counter - expected);
            for (long other : new long[] {counter - 256, counter + 256}) {
                if (other >= 0 && other <= LAST) {
                    assertTrue(distance <= Math.abs(other - expected), expected + " " + bits + " " + counter);
                }
            }
        }
    }

    @Test
    void readsNoiseUnderAGoodTrailerAsRefused() throws Exception {
        Random random = new Random(6);
        OpeningHalf half = new OpeningHalf(crypto, keys(1), 0, false);
        Hmac hmac = crypto.hmac(keys(1).mac());
        int opened = 0;
        for (int i = 0; i < 20_000; i++) {
            Tier tier = Tier.of(3 + random.nextInt(3));
            byte[] noise = new byte[Layout.sealedOverhead(tier) + random.nextInt(40)];
            random.nextBytes(noise);
            noise[0] = new Flags(tier, false, false, true).encode();
            Arrays.fill(noise, Math.min(16, noise.length), Math.min(48, noise.length), (byte) 0);
            int covered = noise.length - Layout.trailer(tier);
            hmac.of(noise, 0, covered, noise, covered, Layout.trailer(tier));
            try {
                open(half, noise);
                opened++;
            } catch (Malformed refused) {
                assertFalse(refused.getMessage().isEmpty());
            }
        }
        assertEquals(0, opened);
        assertTrue(half.failures() > 10_000);
    }
}
