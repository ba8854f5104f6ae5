package org.myclerk.backend.linux.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/** Names in structs: an array of char that ends with a zero. */
public final class Text {

    private Text() {
    }

    /** What the array holds, without the zero. */
    public static String get(MemorySegment array) {
        long length = 0;
        while (length < array.byteSize() && array.get(JAVA_BYTE, length) != 0) {
            length++;
        }
        return new String(array.asSlice(0, length).toArray(JAVA_BYTE), StandardCharsets.UTF_8);
    }

    /** Fills the array with as many whole characters of the text as it can hold. */
    public static void set(MemorySegment array, String text) {
        array.fill((byte) 0);
        long at = 0;
        for (int i = 0; i < text.length(); i = text.offsetByCodePoints(i, 1)) {
            byte[] next = text.substring(i, text.offsetByCodePoints(i, 1)).getBytes(StandardCharsets.UTF_8);
            if (at + next.length >= array.byteSize()) {
                return;
            }
            MemorySegment.copy(next, 0, array, JAVA_BYTE, at, next.length);
            at += next.length;
        }
    }
}
