package org.myclerk.core.frame;

import org.myclerk.api.operation.Tier;

/** Sizes and places of a frame's parts (profile §3, §4), in bytes. */
public final class Layout {

    /** Bytes of a Poly1305 tag, wherever it stands. */
    public static final int TAG = 16;
    /** Bytes of the X25519 field. */
    public static final int X25519 = 32;

    static final int OPERATION_AT = 1;
    static final int SEQUENCE_AT = 3;
    static final int SESSION_AT = 4;
    static final int TIMESTAMP_AT = 6;
    static final int NONCE_AT = 10;
    static final int KEY_ID_AT = 12;
    static final int X25519_AT = 16;
    static final int TAG_AT = 48;

    private Layout() {
    }

    /**
     * Bytes of the header. The draft says 42 and 58 for tiers 4 and 5; the fields it draws add up to 48 and
     * 64.
     */
    public static int header(Tier tier) {
        return switch (tier) {
            case T0 -> 1;
            case T1 -> 4;
            case T2 -> 6;
            case T3 -> 12;
            case T4 -> 48;
            case T5 -> 64;
        };
    }

    /** Bytes of the trailer. */
    public static int trailer(Tier tier) {
        return switch (tier) {
            case T0, T1 -> 0;
            case T2 -> 2;
            case T3 -> 4;
            case T4 -> 8;
            case T5 -> 32;
        };
    }

    /** The part of the header that the AEAD authenticates: all but the tag field. */
    static int associated(Tier tier) {
        return Math.min(header(tier), TAG_AT);
    }

    /** What a sealed frame adds to its plaintext; tier 5 has its tag in the header. */
    public static int sealedOverhead(Tier tier) {
        return header(tier) + trailer(tier) + (tier == Tier.T5 ? 0 : TAG);
    }
}
