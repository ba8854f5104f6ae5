package org.myclerk.core.session;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.HexFormat;
import java.util.stream.Stream;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.MethodSource;

/** Any sequence of frames at both ends of a session; {@link FuzzedSession} says what a script means. */
class SessionFuzzTest {

    /** The first byte is the transport, then come steps. */
    static Stream<byte[]> seeds() {
        return Stream.of("00 03", "01 03", "00 00 10 00 10 00 10 00 10", "01 00 10 07 0a0b 00 10 00 10 00 10",
                "00 00 10 00 04 0020 01", "00 00 14 0040 80 03", "00 03 0d 05 1d 05 03 0e 00 03 0d 05 03",
                "00 03 0d ff 00 00 00 00 00 03", "00 03 0e 01 03", "00 03 0e 05 03 0d 01 03 0e 05 03",
                "00 09 04 03 00 00 00 04 81a16101", "00 03 0b 02 00 0f 08 83a372696405a16101",
                "00 08 00 03 08 00 18 01",
                "00 03 0b 01 01 0f 0b 0000000005 50 82a1610100", "00 03 0b 03 02 0f 0c 000000010000000281a1",
                "01 03 0d 03 07 0a 64 0a 64 03", "00 03 1e 00 1e 00 0e 00 03 0a ff 0a ff 0a ff 03",
                "00 06 05 18000b0000", "01 00 10 00 10 08 00 08 01 18 01 03 0d 01 03 08 05",
                "01 03 0d 01 03 08 06 0d 02 03 08 07 08 08 03", "00 03 0d 01 03 08 06 03")
                .map(text -> HexFormat.of().parseHex(text.replace(" ", "")));
    }

    @Test
    void opensIfNobodyDisturbs() {
        assertNotNull(FuzzedSession.play(new byte[] {0, 3}));
        assertNotNull(FuzzedSession.play(new byte[] {1, 3}));
        assertNull(FuzzedSession.play(new byte[] {0, 7, 3}), "the first frame is lost");
    }

    @MethodSource("seeds")
    @FuzzTest
    void keepsItsPromisesWhateverStandsBetween(byte[] script) {
        FuzzedSession.play(script);
    }
}
