package org.myclerk.core.frame;

import org.myclerk.api.operation.Tier;

/** The end of a frame (profile §4): a CRC in tier 2, the start of an HMAC in tiers 3 to 5, nothing below. */
final class Trailers {

    private Trailers() {
    }

    /**
     * Writes the trailer behind header and body.
     *
     * @param length of header and body
     * @param code 32 bytes of scratch
     */
    static void write(byte[] array, int offset, int length, Tier tier, FrameMac mac, byte[] code) {
        switch (tier) {
            case T0, T1 -> { }
            case T2 -> HeaderCodec.u16(array, offset + length, Crc16.of(array, offset, length));
            case T3, T4, T5 -> {
                mac.compute(array, offset, length, code);
                System.arraycopy(code, 0, array, offset + length, HeaderCodec.trailerLength(tier));
            }
        }
    }

    /** Whether a frame ends as it must; in constant time where a key is involved. */
    static boolean matches(Frame frame, FrameMac mac, byte[] code) {
        int length = frame.trailerOffset() - frame.offset();
        return switch (frame.tier()) {
            case T0, T1 -> true;
            case T2 -> HeaderCodec.u16(frame.array(), frame.trailerOffset())
                    == Crc16.of(frame.array(), frame.offset(), length);
            case T3, T4, T5 -> {
                mac.compute(frame.array(), frame.offset(), length, code);
                int difference = 0;
                for (int i = 0; i < HeaderCodec.trailerLength(frame.tier()); i++) {
                    difference |= code[i] ^ frame.array()[frame.trailerOffset() + i];
                }
                yield difference == 0;
            }
        };
    }
}
