package org.myclerk.core.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Fields;
import org.myclerk.api.payload.Payload;
import org.myclerk.core.frame.Frame;
import org.myclerk.core.frame.PlainFrames;

/**
 * Any frames at a link that may send one operation in plaintext. The input is frames, each behind its length
 * of one byte; their trailers are made to fit.
 */
class KeylessSessionFuzzTest {

    private static final int PERMITTED = 0x0624;

    static Stream<byte[]> seeds() {
        byte[] init = PlainFrames.write(Tier.T2, 3, 0, 0, 0, 0, null, Fields.of(Map.of("nonce",
                Bytes.wrap(new byte[8]), "timestamp", End.TIME, "profile", 1)).encoded().toArray());
        byte[] one =
                PlainFrames.write(Tier.T1, PERMITTED, 0, 0, 0, 0, null, Bytes.ofHex("81a16f01").toArray());
        byte[] two = PlainFrames.write(Tier.T2, PERMITTED, 1, SESSION, 0, 0, null,
                Bytes.ofHex("82a372696405a16f01").toArray());
        return Stream.of(framed(init, two), framed(one, one), framed(init, init), framed(two));
    }

    /** What the random numbers of the target make. */
    private static final int SESSION = SessionIds.PER_CONNECTION.next(new Random(1));

    private static byte[] framed(byte[]... frames) {
        byte[] all = new byte[0];
        for (byte[] frame : frames) {
            int end = all.length;
            all = Arrays.copyOf(all, end + 1 + frame.length);
            all[end] = (byte) frame.length;
            System.arraycopy(frame, 0, all, end + 1, frame.length);
        }
        return all;
    }

    @MethodSource("seeds")
    @FuzzTest
    void takesOnlyWhatARuleNames(byte[] input) {
        PlaintextRules rules = PlaintextRules.parse(List.of("0x0624 from 10.0.0.0/8 at 5/s"));
        KeylessSession session = new KeylessSession(End.settings(Tier.T5, Tier.T3), rules,
                new Admission(Limits.DEFAULT), End.address(1), new Random(1), new Checks());
        for (int at = 0; at < input.length;) {
            int length = Math.min(input[at++] & 0xFF, input.length - at);
            byte[] frame = fitting(Arrays.copyOfRange(input, at, at + length));
            at += length;
            try {
                session.receive(frame, 0, frame.length, at);
            } catch (Malformed refused) {
                assertNotNull(refused.getMessage());
            }
        }
    }

    /** The same frame with the trailer that belongs to it. */
    private static byte[] fitting(byte[] bytes) {
        try {
            Frame frame = Frame.parse(bytes, 0, bytes.length);
            return frame.flags().encrypted() ? bytes : PlainFrames.write(frame.tier(), frame.operation(),
                    frame.sequence(), frame.sessionId(), frame.timestamp(), frame.nonce(), null,
                    Arrays.copyOfRange(bytes, frame.bodyOffset(), frame.bodyOffset() + frame.bodyLength()));
        } catch (Malformed noFrame) {
            return bytes;
        }
    }

    private static final class Checks implements KeylessSession.Output {
        private int sent;

        @Override
        public void frame(byte[] bytes) {
            try {
                Frame frame = Frame.parse(bytes, 0, bytes.length);
                PlainFrames.checkTrailer(frame);
                assertEquals(List.of(Tier.T2, Handshake.SESSION_ACK, sent++ & 0xFF),
                        List.of(frame.tier(), frame.operation(), frame.sequence()));
            } catch (Malformed own) {
                throw new AssertionError(own);
            }
        }

        @Override
        public void message(Tier tier, int operation, Payload payload) {
            assertEquals(PERMITTED, operation);
            assertTrue(tier.below(Tier.T3) && !payload.envelope().isResponse());
        }
    }
}
