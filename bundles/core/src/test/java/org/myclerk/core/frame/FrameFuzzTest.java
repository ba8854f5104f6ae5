package org.myclerk.core.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.Stream;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Bytes;
import org.myclerk.core.Vectors;

/** Any bytes at the reader of frames. */
class FrameFuzzTest {

    static Stream<byte[]> seeds() {
        return Vectors.samples(name -> name.startsWith("frame") || name.contains("SESSION_")
                || name.contains("KEY_EXCHANGE") || name.contains("tier") || name.contains(" re"));
    }

    @MethodSource("seeds")
    @FuzzTest
    void parsesAnyFrameOrRefusesIt(byte[] input) {
        Frame frame;
        try {
            frame = Frame.parse(input, 0, input.length);
        } catch (Malformed refused) {
            assertNotNull(refused.getMessage());
            return;
        }
        assertTrue(frame.tier() != Tier.T0);
        assertTrue(frame.bodyLength() >= 0 && frame.bodyOffset() + frame.bodyLength() <= input.length);
        assertEquals(Bytes.wrap(input), frame.bytes());
        assertEquals(frame.hasKey(), !frame.tier().below(Tier.T4)
                && !Arrays.equals(frame.key(), new byte[32]));
        if (!frame.flags().encrypted()) {
            try {
                PlainFrames.checkTrailer(frame);
            } catch (Malformed refused) {
                assertNotNull(refused.getMessage());
            }
        }
    }
}
