package org.myclerk.core.frame;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.Tier;
import org.myclerk.core.crypto.Crypto;

/**
 * Frames without encryption (E=0): their trailer detects errors and proves nothing (profile §4). No state.
 */
public final class PlainFrames {

    private static final byte[] UNKEYED = "myclerk-v0 unkeyed".getBytes(StandardCharsets.US_ASCII);

    private PlainFrames() {
    }

    /**
     * Writes a frame.
     *
     * @param tier 1-5; fields that the tier does not have are ignored
     * @param key 32 bytes for the X25519 field, or {@code null} for zeros
     */
    public static byte[] write(Tier tier, int operation, int sequence, int sessionId, long timestamp,
            int nonce, byte[] key, byte[] payload) {
        int header = Layout.header(tier);
        byte[] frame = new byte[header + payload.length + Layout.trailer(tier)];
        frame[0] = new Flags(tier, false, false, false).encode();
        Wire.u16(frame, Layout.OPERATION_AT, operation);
        frame[Layout.SEQUENCE_AT] = (byte) sequence;
        if (!tier.below(Tier.T2)) {
            Wire.u16(frame, Layout.SESSION_AT, sessionId);
        }
        if (!tier.below(Tier.T3)) {
            Wire.u32(frame, Layout.TIMESTAMP_AT, timestamp);
            Wire.u16(frame, Layout.NONCE_AT, nonce);
        }
        if (!tier.below(Tier.T4) && key != null) {
            System.arraycopy(key, 0, frame, Layout.X25519_AT, Layout.X25519);
        }
        System.arraycopy(payload, 0, frame, header, payload.length);
        byte[] trailer = trailer(tier, frame, 0, header + payload.length);
        System.arraycopy(trailer, 0, frame, header + payload.length, trailer.length);
        return frame;
    }

    private static byte[] trailer(Tier tier, byte[] array, int offset, int length) {
        return switch (tier) {
            case T0, T1 -> new byte[0];
            case T2 -> {
                int crc = Crc16.of(array, offset, length);
                yield new byte[] {(byte) (crc >>> 8), (byte) crc};
            }
            case T3, T4, T5 -> Arrays.copyOf(
                    Crypto.hmac(UNKEYED, Arrays.copyOfRange(array, offset, offset + length)),
                    Layout.trailer(tier));
        };
    }

    /**
     * Compares the trailer of a frame with E=0.
     *
     * @throws Malformed if it does not fit
     */
    public static void checkTrailer(Frame frame) throws Malformed {
        int size = Layout.trailer(frame.tier());
        int covered = frame.length() - size;
        byte[] expected = trailer(frame.tier(), frame.array(), frame.offset(), covered);
        byte[] actual = Arrays.copyOfRange(frame.array(), frame.offset() + covered,
                frame.offset() + frame.length());
        if (!Crypto.equal(expected, actual)) {
            throw new Malformed("trailer does not fit");
        }
    }
}
