package org.myclerk.api.payload;

import static org.myclerk.api.payload.BigEndian.U16;
import static org.myclerk.api.payload.BigEndian.U32;
import static org.myclerk.api.payload.BigEndian.U64;

import java.util.Arrays;
import java.util.HashSet;

import org.myclerk.api.operation.ProtocolException.Malformed;

/**
 * Judges hostile bytes once, so that {@link MessagePackReader} may trust them: exactly one map with string
 * keys, none repeated, no ext types, valid UTF-8, at most 16 levels, and nothing behind it (profile §6).
 * Every message passes through here, so each method is a function from the position of what it judges to the
 * position behind it, and the position never has to leave a register.
 */
final class MessagePackCheck {

    /** Containers may nest this deep; the payload's map is level 1. */
    static final int DEEPEST = 16;

    /** Maps up to this size are searched for repeated keys pair by pair. */
    private static final int FEW_KEYS = 12;

    private static final long NOT_ASCII = 0x8080_8080_8080_8080L;
    /** Spreads keys over 64 bits, of which two that are equal have the same; 2^64 by the golden ratio. */
    private static final long SPREAD = 0x9E37_79B9_7F4A_7C15L;
    /**
     * How many bytes follow the first one of a number, a truth value or nil; -1 for what says its size
     * itself.
     */
    private static final byte[] FOLLOWING = new byte[256];

    static {
        Arrays.fill(FOLLOWING, 0x80, 0xE0, (byte) -1);
        for (int tag : new int[] {0xC0, 0xC2, 0xC3}) {
            FOLLOWING[tag] = 0;
        }
        for (int size = 0; size < 4; size++) {
            FOLLOWING[0xCC + size] = (byte) (1 << size);
            FOLLOWING[0xD0 + size] = (byte) (1 << size);
        }
        FOLLOWING[0xCA] = 4;
        FOLLOWING[0xCB] = 8;
    }

    private MessagePackCheck() {
    }

    /** @param payload whose bytes they are; told of each entry of its map once that is judged */
    static void check(byte[] array, int offset, int length, Payload payload) throws Malformed {
        int end = offset + length;
        int tag = length == 0 ? 0 : array[offset] & 0xFF;
        int at = offset + 1;
        if (tag >= 0x80 && tag <= 0x8F) {
            at = map(array, at, end, tag & 0x0F, 1, payload);
        } else if (tag == 0xDE) {
            at = map(array, at + 2, end, number(array, at, 2, end), 1, payload);
        } else if (tag == 0xDF) {
            at = map(array, at + 4, end, number(array, at, 4, end), 1, payload);
        } else {
            throw new Malformed("payload is not a map");
        }
        if (at != end) {
            throw new Malformed(end - at + " bytes after the map");
        }
    }

    /** The unsigned number of at most 32 bits that stands in judged bytes, or -1 if something else does. */
    static long unsigned(byte[] array, int at) {
        int tag = array[at] & 0xFF;
        return tag < 0x80 ? tag : switch (tag) {
            case 0xCC -> array[at + 1] & 0xFF;
            case 0xCD -> (short) U16.get(array, at + 1) & 0xFFFF;
            case 0xCE -> (int) U32.get(array, at + 1) & 0xFFFF_FFFFL;
            default -> -1;
        };
    }

    private static int value(byte[] array, int from, int end, int level) throws Malformed {
        if (from >= end) {
            throw early();
        }
        int tag = array[from] & 0xFF;
        int at = from + 1;
        int following = FOLLOWING[tag];
        if (following >= 0) {
            return skip(at, following, end);
        }
        return tag >= 0xA0 && tag <= 0xBF ? text(array, at, tag & 0x1F, end)
                : sized(array, at, tag, end, level);
    }

    private static int sized(byte[] array, int at, int tag, int end, int level) throws Malformed {
        if (tag <= 0x8F) {
            return map(array, at, end, tag & 0x0F, level + 1, null);
        }
        if (tag <= 0x9F) {
            return list(array, at, end, tag & 0x0F, level + 1);
        }
        return switch (tag) {
            case 0xC4 -> skip(at + 1, number(array, at, 1, end), end);
            case 0xC5 -> skip(at + 2, number(array, at, 2, end), end);
            case 0xC6 -> skip(at + 4, number(array, at, 4, end), end);
            case 0xD9 -> text(array, at + 1, number(array, at, 1, end), end);
            case 0xDA -> text(array, at + 2, number(array, at, 2, end), end);
            case 0xDB -> text(array, at + 4, number(array, at, 4, end), end);
            case 0xDC -> list(array, at + 2, end, number(array, at, 2, end), level + 1);
            case 0xDD -> list(array, at + 4, end, number(array, at, 4, end), level + 1);
            case 0xDE -> map(array, at + 2, end, number(array, at, 2, end), level + 1, null);
            case 0xDF -> map(array, at + 4, end, number(array, at, 4, end), level + 1, null);
            default -> throw new Malformed("type 0x%02x is not allowed".formatted(tag));
        };
    }

    private static int list(byte[] array, int from, int end, long elements, int level) throws Malformed {
        level(level);
        if (elements > end - from) {
            throw new Malformed("list of %d elements in %d bytes".formatted(elements, end - from));
        }
        int at = from;
        for (long i = 0; i < elements; i++) {
            at = value(array, at, end, level);
        }
        return at;
    }

    /** @param payload whose own map it is, or {@code null} */
    private static int map(byte[] array, int from, int end, long size, int level, Payload payload)
            throws Malformed {
        level(level);
        if (size > (end - from) / 2) {
            throw new Malformed("map of %d entries in %d bytes".formatted(size, end - from));
        }
        HashSet<Bytes> many = size > FEW_KEYS ? HashSet.newHashSet((int) size) : null;
        long lookalikes = 0;
        int at = from;
        for (int i = 0; i < size; i++) {
            int keyAt = keyAt(array, at, end);
            int keyLength = keyLength(array, at, keyAt, end);
            int valueAt = keyAt + keyLength;
            long word = word(array, keyAt, keyLength);
            if ((word & NOT_ASCII) != 0 || keyLength > Long.BYTES && !ascii(array, keyAt, keyLength)) {
                utf8(array, keyAt, valueAt);
            }
            if (many != null) {
                if (!many.add(Bytes.wrap(array, keyAt, keyLength))) {
                    throw repeated();
                }
            } else {
                long look = 1L << (int) ((word + keyLength) * SPREAD >>> 58);
                if ((lookalikes & look) != 0) {
                    checkNew(array, from, end, i, level, keyAt, keyLength);
                }
                lookalikes |= look;
            }
            int next = value(array, valueAt, end, level);
            if (payload != null) {
                payload.entry(at, keyAt, keyLength, word, valueAt);
            }
            at = next;
        }
        return at;
    }

    /** Compares a key with those of the entries before it, because it looks like one of them. */
    private static void checkNew(byte[] array, int from, int end, int before, int level, int keyAt,
            int keyLength)
            throws Malformed {
        int at = from;
        for (int i = 0; i < before; i++) {
            int other = keyAt(array, at, end);
            int otherLength = keyLength(array, at, other, end);
            if (keyLength == otherLength
                    && Arrays.equals(array, keyAt, keyAt + keyLength, array, other, other + otherLength)) {
                throw repeated();
            }
            at = value(array, other + otherLength, end, level);
        }
    }

    private static Malformed repeated() {
        return new Malformed("a key is repeated");
    }

    private static void level(int level) throws Malformed {
        if (level > DEEPEST) {
            throw new Malformed("nested deeper than " + DEEPEST + " levels");
        }
    }

    /** Where the bytes of the key begin that stands there. */
    private static int keyAt(byte[] array, int at, int end) throws Malformed {
        if (at >= end) {
            throw early();
        }
        int tag = array[at] & 0xFF;
        if (tag >= 0xA0 && tag <= 0xBF) {
            return at + 1;
        }
        if (tag >= 0xD9 && tag <= 0xDB) {
            return skip(at + 1, 1 << tag - 0xD9, end);
        }
        throw new Malformed("a key is not a string");
    }

    /** How many bytes it has; all of them are there. */
    private static int keyLength(byte[] array, int at, int keyAt, int end) throws Malformed {
        long length = keyAt == at + 1 ? array[at] & 0x1F : number(array, at + 1, keyAt - at - 1, end);
        skip(keyAt, length, end);
        return (int) length;
    }

    /** The first eight of so many bytes as one number, the last of them its lowest. */
    static long word(byte[] array, int at, int length) {
        if (length >= Long.BYTES) {
            return (long) U64.get(array, at);
        }
        if (length > 0 && array.length - at >= Long.BYTES) {
            return (long) U64.get(array, at) >>> Long.SIZE - Byte.SIZE * length;
        }
        long word = 0;
        for (int i = 0; i < length; i++) {
            word = word << Byte.SIZE | array[at + i] & 0xFF;
        }
        return word;
    }

    private static int text(byte[] array, int at, long length, int end) throws Malformed {
        int behind = skip(at, length, end);
        if (!ascii(array, at, (int) length)) {
            utf8(array, at, behind);
        }
        return behind;
    }

    /** Looks at eight bytes at a time; may say no where the array ends. */
    private static boolean ascii(byte[] array, int at, int length) {
        if (length >= Long.BYTES) {
            int last = at + length - Long.BYTES;
            long bits = (long) U64.get(array, last);
            for (int i = at; i < last; i += Long.BYTES) {
                bits |= (long) U64.get(array, i);
            }
            return (bits & NOT_ASCII) == 0;
        }
        return length == 0 || array.length - at >= Long.BYTES
                && ((long) U64.get(array, at) & NOT_ASCII) >>> Long.SIZE - Byte.SIZE * length == 0;
    }

    private static void utf8(byte[] array, int from, int end) throws Malformed {
        int i = from;
        while (i < end) {
            int lead = array[i++];
            if (lead >= 0) {
                continue;
            }
            lead &= 0xFF;
            int more = lead >= 0xC2 && lead <= 0xDF ? 1 : lead >= 0xE0 && lead <= 0xEF ? 2
                    : lead >= 0xF0 && lead <= 0xF4 ? 3 : 0;
            if (more == 0 || i + more > end) {
                throw new Malformed("text is not UTF-8");
            }
            int second = array[i] & 0xFF;
            int low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
            int high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
            if (second < low || second > high) {
                throw new Malformed("text is not UTF-8");
            }
            for (int k = 1; k < more; k++) {
                if ((array[i + k] & 0xC0) != 0x80) {
                    throw new Malformed("text is not UTF-8");
                }
            }
            i += more;
        }
    }

    private static int skip(int at, long length, int end) throws Malformed {
        if (length > end - at) {
            throw new Malformed("%d bytes announced, %d there".formatted(length, end - at));
        }
        return at + (int) length;
    }

    private static long number(byte[] array, int at, int size, int end) throws Malformed {
        skip(at, size, end);
        return switch (size) {
            case 1 -> array[at] & 0xFF;
            case 2 -> (short) U16.get(array, at) & 0xFFFF;
            default -> (int) U32.get(array, at) & 0xFFFF_FFFFL;
        };
    }

    private static Malformed early() {
        return new Malformed("payload ends early");
    }
}
