package org.myclerk.device.serial;

import java.util.ArrayDeque;

import org.myclerk.api.payload.Bytes;

/**
 * Bytes that came and were not read yet. It holds windows of the blocks they were read into and gives them
 * out uncopied; what lies side by side in a block comes out as one. Confined to its owner's lock.
 */
final class ReadBuffer {

    private final ArrayDeque<Bytes> older = new ArrayDeque<>();
    private byte[] block;
    private int from;
    private int to;
    private int size;

    int size() {
        return size;
    }

    /** Appends part of a block; that part must not change any more. */
    void append(byte[] filled, int offset, int length) {
        if (filled != block || offset != to) {
            retire();
            block = filled;
            from = offset;
        }
        to = offset + length;
        size += length;
    }

    /** Takes up to {@code max} bytes from the front; none if it is empty. */
    Bytes take(int max) {
        if (older.isEmpty()) {
            retire();
        }
        Bytes first = older.poll();
        if (first == null) {
            return Bytes.EMPTY;
        }
        if (first.length() > max) {
            older.addFirst(first.slice(max, first.length() - max));
            first = first.slice(0, max);
        }
        size -= first.length();
        return first;
    }

    /** Puts bytes back to the front. */
    void putBack(Bytes bytes) {
        if (!bytes.isEmpty()) {
            older.addFirst(bytes);
            size += bytes.length();
        }
    }

    private void retire() {
        if (to > from) {
            older.add(Bytes.wrap(block, from, to - from));
            from = to;
        }
    }
}
