package org.myclerk.api.payload;

import static org.myclerk.api.payload.BigEndian.U16;
import static org.myclerk.api.payload.BigEndian.U32;
import static org.myclerk.api.payload.BigEndian.U64;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/**
 * Writes MessagePack in its shortest forms (profile §6) into one growing array. Not thread-safe; meant to be
 * reused: {@link #reset} keeps the array.
 */
public final class MessagePackWriter {

    private byte[] array;
    private int position;

    public MessagePackWriter() {
        this(256);
    }

    public MessagePackWriter(int capacity) {
        array = new byte[Math.max(16, capacity)];
    }

    public void reset() {
        position = 0;
    }

    /**
     * Goes on at another place: what is behind it will be overwritten, what is left out before it keeps
     * whatever the array holds there. A frame is built around its payload this way.
     */
    public void position(int where) {
        room(where - position);
        position = where;
    }

    /** Makes room for so many bytes behind the position. */
    public void ensure(int more) {
        room(more);
    }

    /** Bytes written so far. */
    public int length() {
        return position;
    }

    /** The backing array, valid until the next write; its first {@link #length} bytes are written. */
    public byte[] array() {
        return array;
    }

    public Bytes toBytes() {
        return Bytes.copyOf(array, 0, position);
    }

    public void mapHeader(int entries) {
        if (entries < 16) {
            one(0x80 | entries);
        } else if (entries <= 0xFFFF) {
            tagged16(0xDE, entries);
        } else {
            tagged32(0xDF, entries);
        }
    }

    public void listHeader(int elements) {
        if (elements < 16) {
            one(0x90 | elements);
        } else if (elements <= 0xFFFF) {
            tagged16(0xDC, elements);
        } else {
            tagged32(0xDD, elements);
        }
    }

    public void nil() {
        one(0xC0);
    }

    public void bool(boolean value) {
        one(value ? 0xC3 : 0xC2);
    }

    public void integer(long value) {
        if (value >= 0) {
            if (value < 0x80) {
                one((int) value);
            } else if (value <= 0xFF) {
                room(2);
                array[position++] = (byte) 0xCC;
                array[position++] = (byte) value;
            } else if (value <= 0xFFFF) {
                tagged16(0xCD, (int) value);
            } else if (value <= 0xFFFF_FFFFL) {
                tagged32(0xCE, (int) value);
            } else {
                tagged64(0xCF, value);
            }
        } else if (value >= -32) {
            one((int) value);
        } else if (value >= Byte.MIN_VALUE) {
            room(2);
            array[position++] = (byte) 0xD0;
            array[position++] = (byte) value;
        } else if (value >= Short.MIN_VALUE) {
            tagged16(0xD1, (int) value);
        } else if (value >= Integer.MIN_VALUE) {
            tagged32(0xD2, (int) value);
        } else {
            tagged64(0xD3, value);
        }
    }

    /** Writes 64 bits as an unsigned integer. */
    public void unsigned(long bits) {
        if (bits >= 0) {
            integer(bits);
        } else {
            tagged64(0xCF, bits);
        }
    }

    public void real(double value) {
        tagged64(0xCB, Double.doubleToRawLongBits(value));
    }

    /** Writes a string; an unpaired surrogate becomes a question mark. */
    public void text(String value) {
        int length = value.length();
        if (length < 32) {
            room(1 + length);
            if (ascii(value, length, position + 1)) {
                array[position] = (byte) (0xA0 | length);
                position += 1 + length;
                return;
            }
        }
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        textHeader(utf8.length);
        raw(utf8, 0, utf8.length);
    }

    private boolean ascii(String value, int length, int at) {
        byte[] target = array;
        int all = 0;
        for (int i = 0; i < length; i++) {
            char c = value.charAt(i);
            all |= c;
            target[at + i] = (byte) c;
        }
        return all < 0x80;
    }

    public void binary(Bytes value) {
        binaryHeader(value.length());
        room(value.length());
        value.copyTo(array, position);
        position += value.length();
    }

    public void binaryHeader(int length) {
        if (length <= 0xFF) {
            room(2);
            array[position++] = (byte) 0xC4;
            array[position++] = (byte) length;
        } else if (length <= 0xFFFF) {
            tagged16(0xC5, length);
        } else {
            tagged32(0xC6, length);
        }
    }

    private void textHeader(int length) {
        if (length < 32) {
            one(0xA0 | length);
        } else if (length <= 0xFF) {
            room(2);
            array[position++] = (byte) 0xD9;
            array[position++] = (byte) length;
        } else if (length <= 0xFFFF) {
            tagged16(0xDA, length);
        } else {
            tagged32(0xDB, length);
        }
    }

    void key(MessagePackReader.Key key) {
        if (array.length - position >= Long.BYTES && key.inOneStep()) {
            U64.set(array, position, key.value());
            position += key.encoded().length;
        } else {
            raw(key.encoded(), 0, key.encoded().length);
        }
    }

    /** Appends bytes that are MessagePack already. */
    public void raw(byte[] source, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, source.length);
        room(length);
        System.arraycopy(source, offset, array, position, length);
        position += length;
    }

    private void one(int value) {
        room(1);
        array[position++] = (byte) value;
    }

    private void tagged16(int tag, int value) {
        room(3);
        array[position] = (byte) tag;
        U16.set(array, position + 1, (short) value);
        position += 3;
    }

    private void tagged32(int tag, int value) {
        room(5);
        array[position] = (byte) tag;
        U32.set(array, position + 1, value);
        position += 5;
    }

    private void tagged64(int tag, long value) {
        room(9);
        array[position] = (byte) tag;
        U64.set(array, position + 1, value);
        position += 9;
    }

    private void room(int more) {
        if (array.length - position < more) {
            grow(more);
        }
    }

    private void grow(int more) {
        array = Arrays.copyOf(array, Math.max(array.length * 2, position + more));
    }
}
