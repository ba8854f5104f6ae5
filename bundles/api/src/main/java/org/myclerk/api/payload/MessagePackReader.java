package org.myclerk.api.payload;

import static org.myclerk.api.payload.BigEndian.U16;
import static org.myclerk.api.payload.BigEndian.U32;
import static org.myclerk.api.payload.BigEndian.U64;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.myclerk.api.operation.ProtocolException.Refused;

/**
 * Reads MessagePack as restricted by the profile (§6). The bytes have passed {@link MessagePackCheck}, so all
 * that is refused here is a value of the wrong type.
 */
public final class MessagePackReader {

    private final byte[] array;
    private final int end;
    private int position;

    /** A key, compared in one step where it is short. */
    static final class Key {

        private static final int STEP = 8;

        private final byte[] encoded;
        private final long mask;
        private final long value;

        /** @param name of at most 31 ASCII characters, or it is always compared byte by byte */
        Key(String name) {
            MessagePackWriter out = new MessagePackWriter();
            out.text(name);
            encoded = out.toBytes().toArray();
            mask = encoded.length > STEP ? 0 : -1L << 8 * (STEP - encoded.length);
            byte[] padded = new byte[STEP];
            System.arraycopy(encoded, 0, padded, 0, Math.min(STEP, encoded.length));
            value = (long) U64.get(padded, 0) & mask;
        }

        byte[] encoded() {
            return encoded;
        }

        /** Whether it is no longer than {@link #value}. */
        boolean inOneStep() {
            return mask != 0;
        }

        /** Its first eight bytes, filled up with zeros. */
        long value() {
            return value;
        }
    }

    /** A reader over bytes that {@link MessagePackCheck} accepted. */
    MessagePackReader(byte[] array, int offset, int length) {
        this.array = array;
        this.position = offset;
        this.end = offset + length;
    }

    /** Whether values that were written here nest deeper than a payload may. */
    static boolean nestsTooDeep(byte[] array, int from, int end) {
        MessagePackReader in = new MessagePackReader(array, from, end - from);
        long[] left = new long[MessagePackCheck.DEEPEST + 1];
        int level = 0;
        while (in.position < end) {
            long children = in.nextChildren();
            if (children >= 0 && ++level > MessagePackCheck.DEEPEST) {
                return true;
            } else if (children >= 0) {
                left[level] = children;
            } else if (level > 0) {
                left[level]--;
            }
            while (level > 0 && left[level] == 0) {
                level--;
                left[level]--;
            }
        }
        return false;
    }

    /**
     * Passes one value, of a container the head only. @return how many values a container holds, -1 for
     * others
     */
    private long nextChildren() {
        int tag = array[position++] & 0xFF;
        if (tag >= 0x80 && tag < 0x90) {
            return 2L * (tag & 0x0F);
        }
        if (tag >= 0x90 && tag < 0xA0) {
            return tag & 0x0F;
        }
        switch (tag) {
            case 0xDC, 0xDD -> {
                return written(tag == 0xDC ? 2 : 4);
            }
            case 0xDE, 0xDF -> {
                return 2 * written(tag == 0xDE ? 2 : 4);
            }
            case 0xC4, 0xD9 -> passBytes(1);
            case 0xC5, 0xDA -> passBytes(2);
            case 0xC6, 0xDB -> passBytes(4);
            case 0xCC, 0xD0 -> position += 1;
            case 0xCD, 0xD1 -> position += 2;
            case 0xCA, 0xCE, 0xD2 -> position += 4;
            case 0xCB, 0xCF, 0xD3 -> position += 8;
            default -> position += tag >= 0xA0 && tag < 0xC0 ? tag & 0x1F : 0;
        }
        return -1;
    }

    private void passBytes(int sizeOfLength) {
        long length = written(sizeOfLength);
        position += (int) length;
    }

    private long written(int bytes) {
        long number = 0;
        for (int i = 0; i < bytes; i++) {
            number = number << 8 | array[position++] & 0xFF;
        }
        return number;
    }

    int position() {
        return position;
    }

    void position(int where) {
        position = where;
    }

    boolean hasMore() {
        return position < end;
    }

    private int peek() {
        return array[position] & 0xFF;
    }

    private long big(int start, int size) {
        return switch (size) {
            case 1 -> array[start] & 0xFF;
            case 2 -> (short) U16.get(array, start) & 0xFFFF;
            case 4 -> (int) U32.get(array, start) & 0xFFFF_FFFFL;
            default -> (long) U64.get(array, start);
        };
    }

    private long take(int size) {
        long value = big(position, size);
        position += size;
        return value;
    }

    private static boolean isMap(int tag) {
        return tag >= 0x80 && tag <= 0x8F || tag == 0xDE || tag == 0xDF;
    }

    /** Entries of the map that begins here. */
    int mapHeader() throws Refused {
        int tag = peek();
        if (!isMap(tag)) {
            throw Refused.badRequest("expected a map");
        }
        position++;
        return tag <= 0x8F ? tag & 0x0F : (int) take(tag == 0xDE ? 2 : 4);
    }

    int listHeader() throws Refused {
        int tag = peek();
        if (tag >= 0x90 && tag <= 0x9F) {
            position++;
            return tag & 0x0F;
        }
        if (tag != 0xDC && tag != 0xDD) {
            throw Refused.badRequest("expected a list");
        }
        position++;
        return (int) take(tag == 0xDC ? 2 : 4);
    }

    boolean nextIsNil() {
        return peek() == 0xC0;
    }

    boolean bool() throws Refused {
        int tag = peek();
        if (tag != 0xC2 && tag != 0xC3) {
            throw Refused.badRequest("expected true or false");
        }
        position++;
        return tag == 0xC3;
    }

    boolean nextIsInteger() {
        int tag = peek();
        return tag < 0x80 || tag >= 0xE0 || tag >= 0xCC && tag <= 0xD3;
    }

    /** An integer of any form; one above 2^63-1 is refused. */
    long integer() throws Refused {
        int tag = peek();
        if (!nextIsInteger()) {
            throw Refused.badRequest("expected an integer");
        }
        position++;
        if (tag < 0x80 || tag >= 0xE0) {
            return (byte) tag;
        }
        return switch (tag) {
            case 0xCC -> take(1);
            case 0xCD -> take(2);
            case 0xCE -> take(4);
            case 0xD0 -> (byte) take(1);
            case 0xD1 -> (short) take(2);
            case 0xD2 -> (int) take(4);
            case 0xD3 -> take(8);
            default -> {
                long value = take(8);
                if (value < 0) {
                    throw Refused.badRequest("integer is larger than 9223372036854775807");
                }
                yield value;
            }
        };
    }

    double real() throws Refused {
        int tag = peek();
        if (tag == 0xCA) {
            position++;
            return Float.intBitsToFloat((int) take(4));
        }
        if (tag == 0xCB) {
            position++;
            return Double.longBitsToDouble(take(8));
        }
        if (nextIsInteger()) {
            return integer();
        }
        throw Refused.badRequest("expected a number");
    }

    String text() throws Refused {
        return text(textHeader());
    }

    /** A text of so many bytes, without its header. */
    String text(int length) {
        String value = new String(array, position, length, StandardCharsets.UTF_8);
        position += length;
        return value;
    }

    /** The last of so many bytes. */
    int last(int length) {
        return array[position + length - 1];
    }

    /** A copy of so many bytes; the position stays. */
    byte[] bytes(int length) {
        return Arrays.copyOfRange(array, position, position + length);
    }

    /** Length of the text that begins here; the position is left at its first byte. */
    int textHeader() throws Refused {
        int tag = peek();
        if (tag >= 0xA0 && tag <= 0xBF) {
            position++;
            return tag & 0x1F;
        }
        if (tag < 0xD9 || tag > 0xDB) {
            throw Refused.badRequest("expected text");
        }
        position++;
        return (int) take(1 << tag - 0xD9);
    }

    /** A window of the array, no copy. */
    Bytes binary() throws Refused {
        int tag = peek();
        if (tag < 0xC4 || tag > 0xC6) {
            throw Refused.badRequest("expected bytes");
        }
        position++;
        int length = (int) take(1 << tag - 0xC4);
        Bytes value = Bytes.wrap(array, position, length);
        position += length;
        return value;
    }

    /** The map that begins here, as it stands, no copy. */
    Bytes wholeMap() throws Refused {
        if (!isMap(peek())) {
            throw Refused.badRequest("expected a map");
        }
        int start = position;
        skip();
        return Bytes.wrap(array, start, position - start);
    }

    /**
     * Which of the keys stands here, or -1 for none of them; the position is left at its value.
     *
     * @param expected the one that is tried first
     */
    int find(Key[] keys, int expected) throws Refused {
        if (expected < keys.length && begins(keys[expected])) {
            position += keys[expected].encoded.length;
            return expected;
        }
        int length = textHeader();
        int next = position + length;
        for (int i = 0; i < keys.length; i++) {
            int index = expected + i < keys.length ? expected + i : expected + i - keys.length;
            byte[] encoded = keys[index].encoded;
            int header = headerOf(encoded);
            if (encoded.length - header == length && same(encoded, header, length)) {
                position = next;
                return index;
            }
        }
        position = next;
        return -1;
    }

    private static int headerOf(byte[] encoded) {
        int tag = encoded[0] & 0xFF;
        return tag <= 0xBF ? 1 : 1 + (1 << tag - 0xD9);
    }

    private boolean same(byte[] encoded, int from, int length) {
        for (int i = 0; i < length; i++) {
            if (array[position + i] != encoded[from + i]) {
                return false;
            }
        }
        return true;
    }

    /** The bytes here are good, so a key that begins like one of that length has it. */
    private boolean begins(Key key) {
        if (key.mask != 0 && array.length - position >= Long.BYTES) {
            return ((long) U64.get(array, position) & key.mask) == key.value;
        }
        byte[] encoded = key.encoded;
        if (end - position < encoded.length) {
            return false;
        }
        for (int i = 0; i < encoded.length; i++) {
            if (array[position + i] != encoded[i]) {
                return false;
            }
        }
        return true;
    }

    /** Whether {@code length} bytes somewhere equal the name. */
    boolean matches(byte[] name, int at, int length) {
        if (length != name.length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (array[at + i] != name[i]) {
                return false;
            }
        }
        return true;
    }

    void skip() {
        int tag = array[position++] & 0xFF;
        if (tag < 0x80 || tag >= 0xE0 || tag == 0xC0 || tag == 0xC2 || tag == 0xC3) {
            return;
        }
        if (tag <= 0x8F) {
            skip(2 * (tag & 0x0F));
        } else if (tag <= 0x9F) {
            skip(tag & 0x0F);
        } else if (tag <= 0xBF) {
            position += tag & 0x1F;
        } else {
            switch (tag) {
                case 0xC4, 0xD9 -> skipBytes((int) take(1));
                case 0xC5, 0xDA -> skipBytes((int) take(2));
                case 0xC6, 0xDB -> skipBytes((int) take(4));
                case 0xCC, 0xD0 -> position += 1;
                case 0xCD, 0xD1 -> position += 2;
                case 0xCA, 0xCE, 0xD2 -> position += 4;
                case 0xCB, 0xCF, 0xD3 -> position += 8;
                case 0xDC -> skip((int) take(2));
                case 0xDD -> skip((int) take(4));
                case 0xDE -> skip(2 * (int) take(2));
                case 0xDF -> skip(2 * (int) take(4));
                default -> throw new IllegalStateException("unchecked type " + tag);
            }
        }
    }

    private void skipBytes(int length) {
        position += length;
    }

    private void skip(int values) {
        for (int i = 0; i < values; i++) {
            skip();
        }
    }

    /**
     * Any value as Boolean, Long, BigInteger (above 2^63-1), Double, String, Bytes, List, Map, or
     * {@code null} for nil.
     */
    Object any() throws Refused {
        int tag = peek();
        if (isMap(tag)) {
            int entries = mapHeader();
            Map<String, Object> map = LinkedHashMap.newLinkedHashMap(entries);
            for (int i = 0; i < entries; i++) {
                String key = text();
                map.put(key, any());
            }
            return map;
        }
        if (tag >= 0x90 && tag <= 0x9F || tag == 0xDC || tag == 0xDD) {
            int elements = listHeader();
            List<Object> list = new ArrayList<>(elements);
            for (int i = 0; i < elements; i++) {
                list.add(any());
            }
            return list;
        }
        if (tag == 0xCF && array[position + 1] < 0) {
            position++;
            return new BigInteger(1, new byte[] {array[position++], array[position++], array[position++],
                array[position++], array[position++], array[position++], array[position++],
                array[position++]});
        }
        if (nextIsInteger()) {
            return integer();
        }
        return switch (tag) {
            case 0xC0 -> {
                position++;
                yield null;
            }
            case 0xC2, 0xC3 -> bool();
            case 0xC4, 0xC5, 0xC6 -> binary();
            case 0xCA, 0xCB -> real();
            default -> text();
        };
    }
}
