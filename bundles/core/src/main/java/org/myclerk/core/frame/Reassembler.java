package org.myclerk.core.frame;

import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

import org.myclerk.api.operation.OpCode;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.Tier;

/**
 * Puts the pieces of one session's messages together (profile §8). Holds at most 8 open messages of at most 1 MiB. One
 * thread at a time.
 */
public final class Reassembler {

    /** Messages that may be open at once. */
    public static final int MOST_OPEN = 8;

    /** Milliseconds without a new piece after which a message is dropped, and that a dropped id stays dropped. */
    public static final long PATIENCE = 10_000;

    /** Ids that are remembered as dropped. While all are in use no message is opened, so that none is forgotten. */
    static final int MOST_DROPPED = 1024;

    private final Map<Long, Open> open = new HashMap<>();
    private final Map<Long, Long> droppedUntil = new LinkedHashMap<>();

    /** A message of which pieces are missing. What all its frames must agree on, and the pieces as they came. */
    private static final class Open {

        private final OpCode operation;
        private final Tier tier;
        private final boolean compressed;
        private final byte[][] pieces;
        private int missing;
        private long length;
        private int pieceSize;
        private long lastPiece;

        Open(OpCode operation, Tier tier, boolean compressed, int count) {
            this.operation = operation;
            this.tier = tier;
            this.compressed = compressed;
            this.pieces = new byte[count][];
            this.missing = count;
        }

        boolean agrees(Flags flags, OpCode operation, int count) {
            return this.operation.equals(operation) && tier == flags.tier() && compressed == flags.compressed()
                    && pieces.length == count;
        }

        /** Takes a piece, or says why not. */
        void add(int index, byte[] plaintext, long now) throws Malformed {
            int size = plaintext.length - Fragments.HEADER;
            int last = pieces.length - 1;
            if (pieces[index] != null) {
                throw new Malformed("piece %d came twice".formatted(index));
            }
            if (index != last) {
                if (pieceSize != 0 && pieceSize != size) {
                    throw new Malformed("piece %d has %d bytes, others %d".formatted(index, size, pieceSize));
                }
                pieceSize = size;
            }
            pieces[index] = plaintext;
            int lastSize = pieces[last] == null ? 1 : pieces[last].length - Fragments.HEADER;
            if (pieceSize != 0 && pieces[last] != null && lastSize > pieceSize) {
                throw new Malformed("the last piece has %d bytes, others %d".formatted(lastSize, pieceSize));
            }
            if ((long) Math.max(pieceSize, 1) * last + lastSize > Fragments.MOST_BYTES) {
                throw new Malformed("message is larger than %d bytes".formatted(Fragments.MOST_BYTES));
            }
            missing--;
            length += size;
            lastPiece = now;
        }

        byte[] join() {
            byte[] data = new byte[(int) length];
            int position = 0;
            for (byte[] piece : pieces) {
                int size = piece.length - Fragments.HEADER;
                System.arraycopy(piece, Fragments.HEADER, data, position, size);
                position += size;
            }
            return data;
        }
    }

    /**
     * Takes the plaintext of a frame with F.
     *
     * @param plaintext fragment header and piece; kept
     * @param now milliseconds of any clock that does not jump
     * @return the whole data when this was the last piece that was missing
     * @throws Malformed if the message is lost by this piece, or was before; the session goes on
     */
    public Optional<byte[]> add(Flags flags, OpCode operation, byte[] plaintext, long now) throws Malformed {
        expire(now);
        if (plaintext.length < Fragments.HEADER) {
            throw new Malformed("a fragment header has %d bytes, got %d".formatted(Fragments.HEADER, plaintext.length));
        }
        long id = HeaderCodec.u32(plaintext, 0);
        int index = HeaderCodec.u16(plaintext, 4);
        int count = HeaderCodec.u16(plaintext, 6);
        if (droppedUntil.containsKey(id)) {
            throw new Malformed("message %d was dropped".formatted(id));
        }
        if (count < 2 || count > Fragments.MOST || index >= count || plaintext.length == Fragments.HEADER) {
            throw drop(id, now, "piece %d of %d with %d bytes".formatted(index, count, plaintext.length));
        }
        Open message = open.get(id);
        if (message == null) {
            if (open.size() == MOST_OPEN) {
                throw drop(id, now, "message %d is one too many".formatted(id));
            }
            if (droppedUntil.size() >= MOST_DROPPED - MOST_OPEN) {
                throw new Malformed("too many messages were dropped");
            }
            message = new Open(operation, flags.tier(), flags.compressed(), count);
            open.put(id, message);
        }
        if (!message.agrees(flags, operation, count)) {
            throw drop(id, now, "pieces of message %d differ".formatted(id));
        }
        try {
            message.add(index, plaintext, now);
        } catch (Malformed piece) {
            throw drop(id, now, piece.getMessage());
        }
        if (message.missing > 0) {
            return Optional.empty();
        }
        open.remove(id);
        return Optional.of(message.join());
    }

    /** Drops what waited too long; to be called now and then, so that memory is given back without a next piece. */
    public void expire(long now) {
        droppedUntil.values().removeIf(until -> until <= now);
        for (Iterator<Map.Entry<Long, Open>> entries = open.entrySet().iterator(); entries.hasNext();) {
            Map.Entry<Long, Open> entry = entries.next();
            long deadline = entry.getValue().lastPiece + PATIENCE;
            if (deadline <= now) {
                entries.remove();
                if (deadline + PATIENCE > now) {
                    droppedUntil.put(entry.getKey(), deadline + PATIENCE);
                }
            }
        }
    }

    /** How many messages are open. */
    public int openMessages() {
        return open.size();
    }

    /** Forgets all messages. */
    public void clear() {
        open.clear();
        droppedUntil.clear();
    }

    private Malformed drop(long id, long now, String why) {
        boolean wasOpen = open.remove(id) != null;
        if (wasOpen || droppedUntil.size() < MOST_DROPPED - MOST_OPEN) {
            droppedUntil.put(id, now + PATIENCE);
        }
        return new Malformed(why);
    }
}
