package org.myclerk.core.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Stream;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any pieces of messages (profile §8). The input is a script, six bytes a step: id, index, count, size,
 * flags, time; and a piece as it stands.
 */
class ReassemblyFuzzTest {

    private static final int OPERATION = 0x0212;

    static Stream<byte[]> seeds() {
        return Stream.of("010003090000 010103090000 010203040000",
                "010102090000 020002090000 010002090000 020102010000",
                "010002090000 020002090000 030002090000 040002090000 050002090000 060002090000 070002090000 "
                + "080002090000 09000209005a 090102090078 010102090000",
                "010002090064 010102090064 010002090000 010102030000")
                .map(hex -> HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    @MethodSource("seeds")
    @FuzzTest
    void joinsOnlyWholeMessages(byte[] input) {
        Reassembly reassembly = new Reassembly();
        long now = 0;
        for (int at = 0; at + 6 <= input.length; at += 6) {
            int index = input[at + 1] & 0xFF;
            int count = input[at + 2] & 0xFF;
            byte[] piece = new byte[Reassembly.HEADER + (input[at + 3] & 0xFF)];
            Arrays.fill(piece, (byte) index);
            Reassembly.header(piece, 0, input[at] & 0xFF, index, count);
            now += (input[at + 5] & 0x7F) * 100L;
            byte[] whole = reassembly.add(OPERATION, input[at + 4] & 1, piece, now);
            if (whole != null) {
                checkJoined(whole, count);
            }
        }
        byte[] raw = input.clone();
        byte[] joined = reassembly.add(OPERATION, 0, raw, now);
        assertTrue(joined == null || joined.length <= Compression.LARGEST_MESSAGE);
        assertNull(reassembly.add(OPERATION, 0, new byte[0], now));
        reassembly.expire(now + 20_000);
        reassembly.expire(now + 40_000);
        assertTrue(reassembly.isEmpty(), "forgets everything in the end");
    }

    /** Every piece is there, once, in its place; all have one size but the last, which is not larger. */
    private static void checkJoined(byte[] whole, int count) {
        assertTrue(whole.length >= count);
        int position = 0;
        int first = 0;
        for (int index = 0; index < count; index++) {
            int begin = position;
            while (position < whole.length && (whole[position] & 0xFF) == index) {
                position++;
            }
            int size = position - begin;
            first = index == 0 ? size : first;
            assertTrue(index < count - 1 ? size == first : size > 0 && size <= first,
                    "size of piece " + index);
        }
        assertEquals(whole.length, position, "bytes behind the last piece");
    }
}
