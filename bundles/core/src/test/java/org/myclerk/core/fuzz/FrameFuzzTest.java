package org.myclerk.core.fuzz;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Bytes;
import org.myclerk.core.frame.Compression;
import org.myclerk.core.frame.Container;
import org.myclerk.core.frame.Frame;
import org.myclerk.core.frame.PlainFrames;
import org.myclerk.core.frame.Reassembly;

/** Any bytes at the readers of frames and of what frames carry. */
class FrameFuzzTest {

    private static final int OPERATION = 0x0212;

    @Test
    void parsesAnyFrameOrRefusesIt() {
        List<byte[]> frames = Samples.named(name -> name.startsWith("frame") || name.contains("SESSION_")
                || name.contains("KEY_EXCHANGE") || name.contains("tier") || name.contains(" re"));
        new Fuzzer(frames).run(50_000, FrameFuzzTest::parse);
    }

    private static void parse(byte[] input) {
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

    @Test
    void readsAllItemsOfAnyContainerOrNone() {
        List<byte[]> containers = Samples.named(name -> name.equals("batch"));
        new Fuzzer(containers).run(50_000, FrameFuzzTest::items);
    }

    private static void items(byte[] input) {
        List<Container.Item> items;
        try {
            items = Container.read(input);
        } catch (Malformed refused) {
            assertNotNull(refused.getMessage());
            return;
        }
        byte[] again = new byte[input.length];
        int position = 0;
        for (Container.Item item : items) {
            position = Container.write(again, position, item.operation(), input, item.offset(),
                    item.length());
        }
        assertEquals(input.length, position);
        assertArrayEquals(input, again);
    }

    @Test
    void decompressesToTheStatedLengthOrRefuses() {
        List<byte[]> compressed = new ArrayList<>(Samples.named(name -> name.equals("data")));
        for (int algorithm : new int[] {Compression.LZ4, Compression.ZSTD}) {
            compressed.add(Compression.compress(algorithm, new byte[2000], 0, 2000));
            compressed.add(Compression.compress(algorithm, new byte[0], 0, 0));
        }
        new Fuzzer(compressed).run(20_000, FrameFuzzTest::decompress);
    }

    private static void decompress(byte[] input) {
        byte[] output;
        try {
            output = Compression.decompress(input);
        } catch (Malformed refused) {
            assertNotNull(refused.getMessage());
            return;
        }
        assertTrue(output.length <= Compression.LARGEST_MESSAGE);
        assertEquals(Bytes.copyOf(input, 1, 4), Bytes.ofHex("%08x".formatted(output.length)));
    }

    /**
     * The input is a script, six bytes a step: id, index, count, size, flags, time; or a piece as it stands.
     */
    @Test
    void joinsOnlyWholeMessagesOfAnyPieces() {
        new Fuzzer(List.of(
                new byte[] {1, 0, 3, 9, 0, 0, 1, 1, 3, 9, 0, 0, 1, 2, 3, 4, 0, 0},
                new byte[] {1, 1, 2, 9, 0, 0, 2, 0, 2, 9, 0, 0, 1, 0, 2, 9, 0, 0, 2, 1, 2, 1, 0, 0},
                new byte[] {1, 0, 2, 9, 0, 0, 2, 0, 2, 9, 0, 0, 3, 0, 2, 9, 0, 0, 4, 0, 2, 9, 0, 0, 5, 0, 2,
                9, 0, 0, 6, 0,
                    2, 9, 0, 0, 7, 0, 2, 9, 0, 0, 8, 0, 2, 9, 0, 0, 9, 0, 2, 9, 0, 90, 9, 1, 2, 9, 0, 120, 1,
                    1, 2, 9, 0, 0},
                new byte[] {1, 0, 2, 9, 0, 100, 1, 1, 2, 9, 0, 100, 1, 0, 2, 9, 0, 0, 1, 1, 2, 3, 0, 0}))
                .run(50_000, FrameFuzzTest::join);
    }

    private static void join(byte[] script) {
        Reassembly reassembly = new Reassembly();
        long now = 0;
        for (int at = 0; at + 6 <= script.length; at += 6) {
            int index = script[at + 1] & 0xFF;
            int count = script[at + 2] & 0xFF;
            byte[] piece = new byte[Reassembly.HEADER + (script[at + 3] & 0xFF)];
            Arrays.fill(piece, (byte) index);
            Reassembly.header(piece, 0, script[at] & 0xFF, index, count);
            now += (script[at + 5] & 0x7F) * 100L;
            byte[] whole = reassembly.add(OPERATION, script[at + 4] & 1, piece, now);
            if (whole != null) {
                checkJoined(whole, count);
            }
        }
        byte[] raw = script.clone();
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
