package org.myclerk.core.frame;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

import org.myclerk.api.operation.OpCode;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Bytes;
import org.myclerk.core.frame.Header.Tier0;
import org.myclerk.core.frame.Header.Tier1;
import org.myclerk.core.frame.Header.Tier2;
import org.myclerk.core.frame.Header.Tier3;
import org.myclerk.core.frame.Header.Tier4;
import org.myclerk.core.frame.Header.Tier5;

/**
 * Reads and writes headers (§3, profile §3). Big-endian; knows nothing of keys, sessions or payloads.
 *
 * <pre>
 *  0 flags | 1 operation (2) | 3 sequence | 4 session id (2) | 6 timestamp (4) | 10 nonce (2)
 * 12 key id (4) | 16 X25519 public key (32) | 48 Poly1305 tag (16)
 * </pre>
 */
public final class HeaderCodec {

    /** Bytes of the Poly1305 tag, wherever it stands. */
    public static final int TAG = 16;

    static final OpCode NOP = new OpCode(0);

    static final int OPERATION_AT = 1;
    static final int SEQUENCE_AT = 3;
    static final int SESSION_AT = 4;
    static final int TIMESTAMP_AT = 6;
    static final int NONCE_AT = 10;
    static final int KEY_ID_AT = 12;
    static final int EPHEMERAL_AT = 16;
    static final int TAG_AT = 48;

    private static final VarHandle U16 =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle U32 = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    private HeaderCodec() {
    }

    /** Bytes of the header. */
    public static int length(Tier tier) {
        return switch (tier) {
            case T0 -> 1;
            case T1 -> 4;
            case T2 -> 6;
            case T3 -> 12;
            // The draft says 42 and 58; the fields it draws add up to 48 and 64 (profile §20).
            case T4 -> 48;
            case T5 -> 64;
        };
    }

    /** Bytes of the trailer. */
    public static int trailerLength(Tier tier) {
        return switch (tier) {
            case T0, T1 -> 0;
            case T2 -> 2;
            case T3 -> 4;
            case T4 -> 8;
            case T5 -> 32;
        };
    }

    /** Bytes of a frame that are not its payload (profile §3). */
    public static int overhead(Tier tier, boolean encrypted) {
        return length(tier) + trailerLength(tier) + (encrypted && tier != Tier.T5 ? TAG : 0);
    }

    /** Bytes of the header that the AEAD authenticates: all but the tag (profile §5). */
    static int authenticatedLength(Tier tier) {
        return tier == Tier.T5 ? TAG_AT : length(tier);
    }

    /**
     * Reads the header at the start of a range.
     *
     * @throws Malformed for a bad flags byte or a range that is too short for the tier
     */
    public static Header decode(byte[] in, int at, int length) throws Malformed {
        if (length == 0) {
            throw new Malformed("empty message");
        }
        Flags flags = Flags.decode(in[at]);
        if (length < length(flags.tier())) {
            throw new Malformed("%s header needs %d bytes, got %d"
                    .formatted(flags.tier(), length(flags.tier()), length));
        }
        return switch (flags.tier()) {
            case T0 -> new Tier0(flags);
            case T1 -> new Tier1(flags, operation(in, at), sequence(in, at));
            case T2 -> new Tier2(flags, operation(in, at), sequence(in, at), u16(in, at + SESSION_AT));
            case T3 -> new Tier3(flags, operation(in, at), sequence(in, at), u16(in, at + SESSION_AT),
                    u32(in, at + TIMESTAMP_AT), u16(in, at + NONCE_AT));
            case T4 -> new Tier4(flags, operation(in, at), sequence(in, at), u16(in, at + SESSION_AT),
                    u32(in, at + TIMESTAMP_AT), u16(in, at + NONCE_AT), u32(in, at + KEY_ID_AT),
                    field(in, at + EPHEMERAL_AT, Header.NO_EPHEMERAL));
            case T5 -> new Tier5(flags, operation(in, at), sequence(in, at), u16(in, at + SESSION_AT),
                    u32(in, at + TIMESTAMP_AT), u16(in, at + NONCE_AT), u32(in, at + KEY_ID_AT),
                    field(in, at + EPHEMERAL_AT, Header.NO_EPHEMERAL), field(in, at + TAG_AT, Header.NO_TAG));
        };
    }

    /** Writes a header and returns its length. */
    public static int encode(Header header, byte[] out, int at) {
        Tier tier = header.flags().tier();
        out[at] = header.flags().encode();
        if (tier != Tier.T0) {
            u16(out, at + OPERATION_AT, header.operation().value());
            out[at + SEQUENCE_AT] = (byte) header.sequence();
        }
        if (!tier.below(Tier.T2)) {
            u16(out, at + SESSION_AT, header.sessionId());
        }
        if (!tier.below(Tier.T3)) {
            u32(out, at + TIMESTAMP_AT, header.timestamp());
            u16(out, at + NONCE_AT, header.nonce());
        }
        if (!tier.below(Tier.T4)) {
            u32(out, at + KEY_ID_AT, header.keyId());
            header.ephemeral().copyTo(out, at + EPHEMERAL_AT);
        }
        if (header instanceof Tier5 tier5) {
            tier5.tag().copyTo(out, at + TAG_AT);
        }
        return length(tier);
    }

    private static OpCode operation(byte[] in, int at) {
        return new OpCode(u16(in, at + OPERATION_AT));
    }

    private static int sequence(byte[] in, int at) {
        return in[at + SEQUENCE_AT] & 0xFF;
    }

    /** A field of its own, because the receive buffer will be used again; almost always it is all zero. */
    private static Bytes field(byte[] in, int at, Bytes zero) {
        for (int i = at; i < at + zero.length(); i++) {
            if (in[i] != 0) {
                return Bytes.copyOf(in, at, zero.length());
            }
        }
        return zero;
    }

    static int u16(byte[] in, int at) {
        return (short) U16.get(in, at) & 0xFFFF;
    }

    static long u32(byte[] in, int at) {
        return (int) U32.get(in, at) & 0xFFFF_FFFFL;
    }

    static void u16(byte[] out, int at, int value) {
        U16.set(out, at, (short) value);
    }

    static void u32(byte[] out, int at, long value) {
        U32.set(out, at, (int) value);
    }
}
