package org.myclerk.api.payload;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;

/**
 * An immutable run of bytes that compares by content. It may be a window of a larger array, so that bulk data
 * is handed on without a copy; whoever wraps an array gives it away.
 */
public final class Bytes implements Comparable<Bytes> {

    public static final Bytes EMPTY = new Bytes(new byte[0], 0, 0);

    private final byte[] array;
    private final int offset;
    private final int length;
    /** 0 until somebody asked for it, which who keeps tables by node asks at every message. */
    private int hash;

    private Bytes(byte[] array, int offset, int length) {
        this.array = array;
        this.offset = offset;
        this.length = length;
    }

    /** A view of an array that nobody will change any more. */
    public static Bytes wrap(byte... array) {
        return new Bytes(array, 0, array.length);
    }

    /** A view of part of an array that nobody will change any more. */
    public static Bytes wrap(byte[] array, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, array.length);
        return new Bytes(array, offset, length);
    }

    public static Bytes copyOf(byte[] array, int offset, int length) {
        return wrap(Arrays.copyOfRange(array, offset, offset + length));
    }

    /** Reads pairs of hexadecimal digits, of either case. */
    public static Bytes ofHex(String hex) {
        return wrap(HexFormat.of().parseHex(hex));
    }

    public int length() {
        return length;
    }

    public boolean isEmpty() {
        return length == 0;
    }

    public byte at(int index) {
        return array[offset + Objects.checkIndex(index, length)];
    }

    public Bytes slice(int from, int size) {
        Objects.checkFromIndexSize(from, size, length);
        return new Bytes(array, offset + from, size);
    }

    public byte[] toArray() {
        return Arrays.copyOfRange(array, offset, offset + length);
    }

    public void copyTo(byte[] target, int position) {
        System.arraycopy(array, offset, target, position, length);
    }

    /** A read-only buffer over these bytes. */
    public ByteBuffer asBuffer() {
        return ByteBuffer.wrap(array, offset, length).slice().asReadOnlyBuffer();
    }

    public String toHex() {
        return HexFormat.of().formatHex(array, offset, offset + length);
    }

    @Override
    public boolean equals(Object other) {
        return other == this || other instanceof Bytes that
                && Arrays.equals(array, offset, offset + length, that.array, that.offset,
                that.offset + that.length);
    }

    @Override
    public int hashCode() {
        int known = hash;
        if (known == 0) {
            known = 1;
            for (int i = offset; i < offset + length; i++) {
                known = 31 * known + array[i];
            }
            hash = known;
        }
        return known;
    }

    /**
     * The order of the unsigned bytes; a beginning comes first. It keeps hash tables fast when a peer chose
     * the keys.
     */
    @Override
    public int compareTo(Bytes that) {
        return Arrays.compareUnsigned(array, offset, offset + length, that.array, that.offset,
                that.offset + that.length);
    }

    /** The length alone: payload bytes do not belong into logs. */
    @Override
    public String toString() {
        return length + " bytes";
    }
}
