package org.myclerk.core.frame;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Stream;

import com.code_intelligence.jazzer.junit.FuzzTest;
import jakarta.json.JsonObject;
import org.junit.jupiter.params.provider.MethodSource;
import org.myclerk.api.operation.ProtocolException.Fatal;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.Tier;
import org.myclerk.core.Vectors;
import org.myclerk.core.crypto.CryptoProvider;
import org.myclerk.core.crypto.Secret;
import org.myclerk.core.crypto.TrafficKeys;
import org.myclerk.core.crypto.Wired;

/**
 * Frames sealed with any plaintext and then changed: unchanged they open, changed they do not. The input is
 * the tier and the order, where to change and how (two bytes each, 0 for no change) and the plaintext; taken
 * as a frame it opens only if a vector is one.
 */
class SealedFrameFuzzTest {

    private static final int HEAD = 5;
    private static final long TIME = 1_767_225_600L;

    private static TrafficKeys keys() {
        JsonObject sealed = Vectors.all().getFirst().group("sealed");
        return new TrafficKeys(Secret.wrap(Vectors.hex(sealed, "aead_key")),
                Secret.wrap(Vectors.hex(sealed, "mac_key")), Secret.wrap(Vectors.hex(sealed, "random")));
    }

    static Stream<byte[]> seeds() {
        return Stream.concat(Vectors.samples(name -> name.equals("frame")),
                Stream.of("0000000000", "010000000081a16101", "0200000001c0", "030040048080",
                        "070003008181a16101")
                .map(HexFormat.of()::parseHex));
    }

    @MethodSource("seeds")
    @FuzzTest
    void opensWhatWasSealedAndNothingElse(byte[] input) throws Fatal, Malformed {
        for (CryptoProvider crypto : Wired.all()) {
            opensWhatWasSealedAndNothingElse(crypto, input);
        }
    }

    private static void opensWhatWasSealedAndNothingElse(CryptoProvider crypto, byte[] input)
            throws Fatal, Malformed {
        boolean ordered = (head(input, 0) & 4) == 0;
        OpeningHalf half = new OpeningHalf(crypto, keys(), 0, ordered);
        opensOnlyVectors(half, input);
        Tier tier = Tier.of(2 + (head(input, 0) & 3));
        byte[] plaintext = Arrays.copyOfRange(input, Math.min(HEAD, input.length), input.length);
        byte[] frame = new byte[Layout.sealedOverhead(tier) + plaintext.length];
        System.arraycopy(plaintext, 0, frame, Layout.header(tier), plaintext.length);
        new SealingHalf(crypto, keys(), 0, half.expected()).seal(frame, 0, tier, 0x0624, false, false, 7,
                TIME, null, plaintext.length);
        byte[] changed = frame.clone();
        int change = head(input, 3) << 8 | head(input, 4);
        int at = (head(input, 1) << 8 | head(input, 2)) % frame.length;
        changed[at] ^= (byte) change;
        changed[(at + 1) % frame.length] ^= (byte) (change >> 8);
        byte[] sent = changed.clone();
        byte[] opened = open(half, changed);
        if (change != 0 || tier == Tier.T2 && !ordered) {
            assertTrue(opened == null, "a changed frame opens");
        } else {
            assertArrayEquals(plaintext, opened);
        }
        assertArrayEquals(sent, changed, "the frame is as it was");
    }

    private static int head(byte[] input, int index) {
        return index < input.length ? input[index] & 0xFF : 0;
    }

    /** What a session does with a frame; {@code null} if it does not open. */
    private static byte[] open(OpeningHalf half, byte[] bytes) {
        try {
            Frame frame = Frame.parse(bytes, 0, bytes.length);
            return frame.flags().encrypted() && half.trailerMatches(frame) ? half.open(frame) : null;
        } catch (Malformed refused) {
            assertFalse(refused.getMessage().isEmpty());
            return null;
        }
    }

    private static void opensOnlyVectors(OpeningHalf half, byte[] input) {
        byte[] opened = open(half, input.clone());
        assertTrue(opened == null || Vectors.samples(name -> name.startsWith("frame")
                || name.contains("tier")).anyMatch(vector -> Arrays.equals(vector, input)),
                "a frame that nobody sealed");
    }
}
