package org.myclerk.core.frame;

import java.util.Objects;

/**
 * How a message is cut (profile §8): pieces of equal size, the last one not larger, each behind
 * {@code u32(message id) || u16(index) || u16(count)}.
 *
 * @param messageId counts up per sender and session, 32 bits
 * @param dataLength bytes of the (compressed) payload
 * @param pieceSize bytes of every piece but the last
 */
public record Fragments(long messageId, int dataLength, int pieceSize) {

    /** Bytes before every piece. */
    public static final int HEADER = 8;

    /** The most pieces. */
    public static final int MOST = 4096;

    /** The most bytes of a message. */
    public static final int MOST_BYTES = 1 << 20;

    public Fragments {
        if (pieceSize < 1 || dataLength <= pieceSize || dataLength > MOST_BYTES
                || dataLength > (long) pieceSize * MOST) {
            throw new IllegalArgumentException("%d bytes cannot be cut into pieces of %d"
                    .formatted(dataLength, pieceSize));
        }
    }

    /**
     * Cuts data that does not fit into one frame.
     *
     * @param mostPlaintext what one frame can hold: the transport's largest frame less the tier's overhead
     * @throws IllegalArgumentException if the data fits into one frame, or not even into 4096 or 1 MiB
     */
    public static Fragments cut(long messageId, int dataLength, int mostPlaintext) {
        return new Fragments(messageId, dataLength, Math.min(mostPlaintext - HEADER, dataLength - 1));
    }

    /** Whether data can be sent at all, in one frame or in pieces. */
    public static boolean fits(int dataLength, int mostPlaintext) {
        return dataLength <= MOST_BYTES && (dataLength <= mostPlaintext
                || mostPlaintext > HEADER && dataLength <= (long) (mostPlaintext - HEADER) * MOST);
    }

    /** How many pieces, 2 to 4096. */
    public int count() {
        return (dataLength + pieceSize - 1) / pieceSize;
    }

    /** Bytes of the plaintext that carries a piece. */
    public int plaintextLength(int index) {
        return HEADER + Math.min(pieceSize, dataLength - Objects.checkIndex(index, count()) * pieceSize);
    }

    /**
     * Writes the plaintext of a frame: fragment header and piece.
     *
     * @param data where the message lies, from {@code dataOffset}
     * @return its length
     */
    public int write(byte[] data, int dataOffset, int index, byte[] buffer, int position) {
        int length = plaintextLength(index);
        HeaderCodec.u32(buffer, position, messageId);
        HeaderCodec.u16(buffer, position + 4, index);
        HeaderCodec.u16(buffer, position + 6, count());
        System.arraycopy(data, dataOffset + index * pieceSize, buffer, position + HEADER, length - HEADER);
        return length;
    }
}
