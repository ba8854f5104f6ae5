package org.myclerk.device.serial;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.myclerk.api.payload.Bytes;

final class ReadBufferTest {

    private final ReadBuffer buffer = new ReadBuffer();

    private static String text(Bytes bytes) {
        return new String(bytes.toArray());
    }

    @Test
    void givesOutWhatLiesSideBySideAsOne() {
        byte[] block = "abcdef".getBytes();
        buffer.append(block, 0, 2);
        buffer.append(block, 2, 3);
        assertEquals(5, buffer.size());
        assertEquals("abcde", text(buffer.take(100)));
        assertEquals(0, buffer.size());
        buffer.append(block, 5, 1);
        assertEquals("f", text(buffer.take(100)));
        assertEquals(Bytes.EMPTY, buffer.take(1));
    }

    @Test
    void keepsTheOrderOverBlocksAndPieces() {
        byte[] first = "abc".getBytes();
        byte[] second = "defg".getBytes();
        buffer.append(first, 0, 3);
        buffer.append(second, 0, 2);
        assertEquals("ab", text(buffer.take(2)));
        buffer.append(second, 2, 2);
        assertEquals("c", text(buffer.take(2)));
        assertEquals("defg", text(buffer.take(9)));
    }

    @Test
    void takesBackWhatWasNotSent() {
        byte[] block = "abcd".getBytes();
        buffer.append(block, 0, 3);
        Bytes taken = buffer.take(2);
        buffer.append(block, 3, 1);
        buffer.putBack(taken);
        assertEquals(4, buffer.size());
        assertEquals("ab", text(buffer.take(9)));
        assertEquals("c", text(buffer.take(9)));
        assertEquals("d", text(buffer.take(9)));
    }
}
