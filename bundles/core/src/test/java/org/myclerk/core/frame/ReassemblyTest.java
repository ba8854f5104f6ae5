package org.myclerk.core.frame;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The limits and rules of profile §8. */
class ReassemblyTest {

    private static final int STREAM_DATA = 0x0212;
    private static final int MIB = 1 << 20;

    private Reassembly reassembly;

    @BeforeEach
    void begin() {
        reassembly = new Reassembly();
    }

    private static byte[] piece(long id, int index, int count, int size) {
        byte[] plaintext = new byte[Reassembly.HEADER + size];
        Arrays.fill(plaintext, (byte) index);
        Reassembly.header(plaintext, 0, id, index, count);
        return plaintext;
    }

    private byte[] add(long id, int index, int count, int size, long now) {
        return reassembly.add(STREAM_DATA, 0x18, piece(id, index, count, size), now);
    }

    /** Whether a message of that id goes through, from its first piece to its last. */
    private boolean takes(long id, long now) {
        byte[] first = add(id, 0, 2, 10, now);
        return first == null && add(id, 1, 2, 10, now) != null;
    }

    @Test
    void joinsPiecesInAnyOrder() {
        Random random = new Random(1);
        byte[] data = new byte[1003];
        random.nextBytes(data);
        for (int round = 0; round < 50; round++) {
            List<byte[]> pieces = new ArrayList<>();
            for (int i = 0; i < 11; i++) {
                byte[] piece = piece(round, i, 11, i < 10 ? 100 : 3);
                System.arraycopy(data, i * 100, piece, Reassembly.HEADER, piece.length - Reassembly.HEADER);
                pieces.add(piece);
            }
            Collections.shuffle(pieces, random);
            for (byte[] piece : pieces.subList(0, 10)) {
                assertNull(reassembly.add(STREAM_DATA, 0x18, piece, 0));
            }
            assertFalse(reassembly.isEmpty());
            assertArrayEquals(data, reassembly.add(STREAM_DATA, 0x18, pieces.get(10), 0));
            assertTrue(reassembly.isEmpty());
        }
    }

    @Test
    void dropsBadHeaders() {
        assertNull(reassembly.add(STREAM_DATA, 0x18, new byte[Reassembly.HEADER - 1], 0));
        assertTrue(reassembly.isEmpty(), "what has no id cannot be remembered");
        assertNull(add(1, 0, 0, 10, 0));
        assertNull(add(2, 0, 1, 10, 0));
        assertNull(add(3, 2, 2, 10, 0));
        assertNull(add(4, 0, 4097, 10, 0));
        assertNull(add(5, 0, 2, 0, 0));
        for (int id = 1; id <= 5; id++) {
            assertFalse(takes(id, 9_999), "id " + id);
        }
        for (int id = 1; id <= 5; id++) {
            assertTrue(takes(id, 10_000), "id " + id);
        }
    }

    @Test
    void dropsOnABadHeaderOfAnOpenMessage() {
        assertNull(add(1, 0, 3, 10, 0));
        assertNull(add(1, 3, 3, 10, 0));
        assertNull(add(1, 1, 3, 10, 0));
        assertNull(add(1, 2, 3, 10, 0));
    }

    @Test
    void dropsRepeats() {
        add(1, 0, 2, 10, 0);
        assertNull(add(1, 0, 2, 10, 0));
        assertNull(add(1, 1, 2, 10, 0));
        assertFalse(takes(1, 5_000));
    }

    @Test
    void dropsWhatDiffers() {
        add(1, 0, 2, 10, 0);
        assertNull(add(1, 1, 3, 10, 0), "count");
        add(2, 0, 2, 10, 0);
        assertNull(reassembly.add(STREAM_DATA + 1, 0x18, piece(2, 1, 2, 10), 0), "operation");
        add(3, 0, 2, 10, 0);
        assertNull(reassembly.add(STREAM_DATA, 0x1C, piece(3, 1, 2, 10), 0), "flags");
        add(4, 0, 3, 10, 0);
        assertNull(add(4, 1, 3, 11, 0), "size");
        add(5, 0, 3, 10, 0);
        assertNull(add(5, 2, 3, 11, 0), "larger last piece");
        add(6, 2, 3, 11, 0);
        assertNull(add(6, 0, 3, 10, 0), "larger last piece that came first");
        for (int id = 1; id <= 6; id++) {
            assertNull(add(id, 1, 2, 10, 0));
            assertFalse(takes(id, 9_999), "id " + id);
        }
    }

    @Test
    void takesOneMebibyteAndNotOneByteMore() {
        for (int i = 0; i < 4095; i++) {
            assertNull(add(1, i, 4096, 256, 0));
        }
        byte[] whole = add(1, 4095, 4096, 256, 0);
        assertEquals(MIB, whole.length);
        assertEquals((byte) 200, whole[200 * 256 + 17]);

        int count = MIB / 65_000 + 1;
        int last = MIB % 65_000;
        for (int i = 0; i < count - 1; i++) {
            assertNull(add(2, i, count, 65_000, 0));
        }
        assertEquals(MIB, add(2, count - 1, count, last, 0).length);
        for (int i = 0; i < count - 1; i++) {
            assertNull(add(3, i, count, 65_000, 0));
        }
        assertNull(add(3, count - 1, count, last + 1, 0));
        assertFalse(takes(3, 0));
    }

    @Test
    void dropsAtOnceWhatCannotFit() {
        assertNull(add(1, 0, 4096, 257, 0));
        assertFalse(takes(1, 0), "257 times 4096 is too much, the first piece tells");
    }

    @Test
    void holdsEightOpenMessages() {
        for (int id = 1; id <= 8; id++) {
            add(id, 0, 2, 10, 0);
        }
        assertNull(add(9, 0, 2, 10, 0));
        for (int id = 1; id <= 8; id++) {
            assertNotNull(add(id, 1, 2, 10, 0), "the ninth does not harm the first");
        }
        assertFalse(takes(9, 9_999));
        assertTrue(takes(9, 10_000));
    }

    @Test
    void waitsTenSecondsForEachPiece() {
        add(1, 0, 3, 10, 0);
        add(1, 1, 3, 10, 9_999);
        assertNotNull(add(1, 2, 3, 10, 19_998));
        add(2, 0, 2, 10, 0);
        assertNull(add(2, 1, 2, 10, 10_000));
        assertFalse(takes(2, 19_999));
        assertTrue(takes(2, 20_000));
    }

    @Test
    void givesMemoryBackWithoutANextPiece() {
        add(1, 0, 2, 10, 0);
        reassembly.expire(9_999);
        assertFalse(reassembly.isEmpty());
        reassembly.expire(50_000);
        assertTrue(reassembly.isEmpty());
    }

    @Test
    void remembersABoundedNumberOfDroppedIds() {
        add(1, 0, 2, 10, 0);
        for (long id = 100; id < 5_000; id++) {
            assertNull(add(id, 0, 1, 10, 0));
        }
        assertFalse(takes(10, 0), "nothing new is opened while no id can be forgotten");
        assertNull(add(1, 0, 2, 10, 0), "a repeat");
        assertNull(add(1, 1, 2, 10, 0), "which drops an open message all the same");
        for (long id = 100; id < 5_000; id++) {
            assertFalse(takes(id, 9_999), "id " + id);
        }
        assertTrue(takes(10, 10_000));
    }
}
