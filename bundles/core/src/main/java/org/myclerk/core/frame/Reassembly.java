package org.myclerk.core.frame;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/**
 * Puts fragmented messages together again (profile §8). Only authenticated pieces come here. At most 8
 * messages of 1 MiB are open; one that breaks a rule is dropped, and its id stays dropped for 10 s. Not
 * thread-safe.
 */
public final class Reassembly {

    /** Bytes before each piece. */
    public static final int HEADER = 8;
    /** Pieces a message may have; it has at least two. */
    public static final int MOST_PIECES = 4096;

    private static final int MOST_OPEN = 8;
    private static final int MOST_DROPPED = 1024;
    private static final long PATIENCE_MILLIS = 10_000;

    private final Map<Long, Open> open = new HashMap<>();
    private final Map<Long, Long> dropped = new HashMap<>();

    /** One message on its way; its pieces still have their headers. */
    private static final class Open {

        private final int operation;
        private final int flags;
        private final byte[][] pieces;
        private int arrived;
        private int size;
        private int pieceSize;
        private long deadline;

        Open(int operation, int flags, int count) {
            this.operation = operation;
            this.flags = flags;
            this.pieces = new byte[count][];
        }

        /**
         * Takes a piece, unless it makes the message one that breaks a rule: all pieces but the last have one
         * size, the last is not larger, and all together are not more than 1 MiB.
         */
        boolean add(int operation, int flags, int index, int count, byte[] plaintext) {
            if (this.operation != operation || this.flags != flags || pieces.length != count
                    || pieces[index] != null) {
                return false;
            }
            int length = plaintext.length - HEADER;
            int last = count - 1;
            if (index != last && pieceSize == 0) {
                pieceSize = length;
            }
            if (index != last && pieceSize != length) {
                return false;
            }
            pieces[index] = plaintext;
            arrived++;
            size += length;
            int lastSize = pieces[last] == null ? 1 : pieces[last].length - HEADER;
            return (pieceSize == 0 || lastSize <= pieceSize)
                    && (long) Math.max(pieceSize, 1) * last + lastSize <= Compression.LARGEST_MESSAGE;
        }

        byte[] join() {
            byte[] whole = new byte[size];
            int position = 0;
            for (byte[] piece : pieces) {
                System.arraycopy(piece, HEADER, whole, position, piece.length - HEADER);
                position += piece.length - HEADER;
            }
            return whole;
        }
    }

    /** Writes a piece's header, 8 bytes. */
    public static void header(byte[] buffer, int position, long messageId, int index, int count) {
        Wire.u32(buffer, position, messageId);
        Wire.u16(buffer, position + 4, index);
        Wire.u16(buffer, position + 6, count);
    }

    /**
     * Takes a piece; one that breaks a rule makes its message lost, and the session goes on.
     *
     * @param flags what all pieces of a message must share beside the operation: tier and compression
     * @param plaintext piece and header; kept
     * @param nowMillis of a clock that does not jump
     * @return the whole data once it is complete, otherwise {@code null}
     */
    public byte[] add(int operation, int flags, byte[] plaintext, long nowMillis) {
        expire(nowMillis);
        if (plaintext.length < HEADER) {
            return null;
        }
        long id = Wire.u32(plaintext, 0);
        int index = Wire.u16(plaintext, 4);
        int count = Wire.u16(plaintext, 6);
        if (dropped.containsKey(id)) {
            return null;
        }
        if (count < 2 || count > MOST_PIECES || index >= count || plaintext.length == HEADER) {
            drop(id, nowMillis + PATIENCE_MILLIS);
            return null;
        }
        Open message = open.get(id);
        if (message == null) {
            if (open.size() == MOST_OPEN) {
                drop(id, nowMillis + PATIENCE_MILLIS);
                return null;
            }
            if (full()) {
                return null;
            }
            message = new Open(operation, flags, count);
            open.put(id, message);
        }
        if (!message.add(operation, flags, index, count, plaintext)) {
            drop(id, nowMillis + PATIENCE_MILLIS);
            return null;
        }
        message.deadline = nowMillis + PATIENCE_MILLIS;
        if (message.arrived < count) {
            return null;
        }
        open.remove(id);
        return message.join();
    }

    /** Every open message has a place among the dropped, and while the others are taken none is opened. */
    private boolean full() {
        return dropped.size() >= MOST_DROPPED - MOST_OPEN;
    }

    private void drop(long id, long until) {
        if (open.remove(id) != null || !full()) {
            dropped.put(id, until);
        }
    }

    /** Forgets what has waited too long; also to be called when nothing comes any more. */
    public void expire(long nowMillis) {
        dropped.values().removeIf(until -> until <= nowMillis);
        for (Iterator<Map.Entry<Long, Open>> i = open.entrySet().iterator(); i.hasNext();) {
            Map.Entry<Long, Open> entry = i.next();
            long deadline = entry.getValue().deadline;
            if (deadline <= nowMillis) {
                i.remove();
                if (deadline + PATIENCE_MILLIS > nowMillis) {
                    dropped.put(entry.getKey(), deadline + PATIENCE_MILLIS);
                }
            }
        }
    }

    /** Whether nothing waits and nothing is remembered. */
    public boolean isEmpty() {
        return open.isEmpty() && dropped.isEmpty();
    }
}
