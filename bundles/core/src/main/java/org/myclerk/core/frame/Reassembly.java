package org.myclerk.core.frame;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/**
 * Puts fragmented messages together again (profile §8). Only authenticated pieces come here. At most 8 messages of
 * 1 MiB are open; one that breaks a rule is dropped, and its id stays dropped for 10 s. Not thread-safe.
 */
public final class Reassembly {

    public static final int HEADER = 8;
    public static final int MOST_PIECES = 4096;

    private static final int MOST_OPEN = 8;
    private static final int MOST_DROPPED = 256;
    private static final long PATIENCE_MILLIS = 10_000;

    private final Map<Long, Open> open = new HashMap<>();
    private final Map<Long, Long> dropped = new HashMap<>();

    /** One message on its way. */
    private static final class Open {
        final int operation;
        final int flags;
        final byte[][] pieces;
        int arrived;
        int size;
        int pieceSize = -1;
        long deadline;

        Open(int operation, int flags, int count) {
            this.operation = operation;
            this.flags = flags;
            this.pieces = new byte[count][];
        }
    }

    /** Writes a piece's header. */
    public static void header(byte[] buffer, int position, long messageId, int index, int count) {
        Wire.u32(buffer, position, messageId);
        Wire.u16(buffer, position + 4, index);
        Wire.u16(buffer, position + 6, count);
    }

    /**
     * Takes a piece.
     *
     * @param flags what all pieces of a message must share beside the operation: tier and compression
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
        int size = plaintext.length - HEADER;
        Open message = open.get(id);
        if (count < 2 || count > MOST_PIECES || index >= count || size == 0) {
            drop(id, nowMillis);
            return null;
        }
        if (message == null) {
            if (open.size() == MOST_OPEN) {
                drop(id, nowMillis);
                return null;
            }
            message = new Open(operation, flags, count);
            open.put(id, message);
        }
        if (!fits(message, operation, flags, index, count, size)) {
            drop(id, nowMillis);
            return null;
        }
        byte[] piece = new byte[size];
        System.arraycopy(plaintext, HEADER, piece, 0, size);
        message.pieces[index] = piece;
        message.arrived++;
        message.size += size;
        message.deadline = nowMillis + PATIENCE_MILLIS;
        if (message.arrived < count) {
            return null;
        }
        open.remove(id);
        byte[] whole = new byte[message.size];
        int position = 0;
        for (byte[] part : message.pieces) {
            System.arraycopy(part, 0, whole, position, part.length);
            position += part.length;
        }
        return whole;
    }

    /** All pieces but the last have one size, the last is not larger. */
    private static boolean fits(Open message, int operation, int flags, int index, int count, int size) {
        if (message.operation != operation || message.flags != flags || message.pieces.length != count
                || message.pieces[index] != null || message.size + size > Compression.LARGEST_MESSAGE + 5) {
            return false;
        }
        byte[] last = message.pieces[count - 1];
        if (index < count - 1) {
            if (message.pieceSize < 0) {
                message.pieceSize = size;
            }
            return message.pieceSize == size && (last == null || last.length <= size);
        }
        return message.pieceSize < 0 || size <= message.pieceSize;
    }

    private void drop(long id, long nowMillis) {
        open.remove(id);
        if (dropped.size() < MOST_DROPPED) {
            dropped.put(id, nowMillis + PATIENCE_MILLIS);
        }
    }

    /** Forgets what has waited too long. */
    public void expire(long nowMillis) {
        dropped.values().removeIf(until -> until <= nowMillis);
        for (Iterator<Map.Entry<Long, Open>> i = open.entrySet().iterator(); i.hasNext();) {
            Map.Entry<Long, Open> entry = i.next();
            if (entry.getValue().deadline <= nowMillis) {
                i.remove();
                if (dropped.size() < MOST_DROPPED) {
                    dropped.put(entry.getKey(), nowMillis + PATIENCE_MILLIS);
                }
            }
        }
    }

    public boolean isEmpty() {
        return open.isEmpty() && dropped.isEmpty();
    }
}
