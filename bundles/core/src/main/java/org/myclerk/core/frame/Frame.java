package org.myclerk.core.frame;

import java.util.Arrays;
import java.util.Objects;

import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Bytes;

/**
 * A received frame whose structure is right (§3, profile §3): header fields, and where its parts lie. Nothing
 * in it is authenticated yet. Fields that the tier does not have are 0.
 *
 * @param nonce the 16 bits on the wire, not the AEAD nonce of §4
 * @param array holds the frame at {@code offset}; borrowed
 */
public record Frame(Flags flags, int operation, int sequence, int sessionId, long timestamp, int nonce,
        long keyId, byte[] array, int offset, int length) {

    private static final int RESERVED = 0xFFFF;

    /**
     * Reads a frame as far as that needs no key.
     *
     * @throws Malformed if the bytes are no frame, or a field breaks a rule that needs no key to check
     */
    public static Frame parse(byte[] array, int offset, int length) throws Malformed {
        Objects.checkFromIndexSize(offset, length, array.length);
        if (length == 0) {
            throw new Malformed("empty frame");
        }
        Flags flags = Flags.decode(array[offset]);
        Tier tier = flags.tier();
        if (tier == Tier.T0) {
            throw new Malformed("tier 0 outside of a container");
        }
        int least = flags.encrypted() ? Layout.sealedOverhead(tier)
                : Layout.header(tier) + Layout.trailer(tier);
        if (length < least) {
            throw new Malformed("%s frame needs %d bytes, got %d".formatted(tier, least, length));
        }
        if (!flags.encrypted() && (flags.compressed() || flags.fragmented())) {
            throw new Malformed("compressed or fragmented without encryption");
        }
        if (tier == Tier.T1 && flags.encrypted()) {
            throw new Malformed("tier 1 cannot be encrypted");
        }
        int operation = Wire.u16(array, offset + Layout.OPERATION_AT);
        if (operation == RESERVED) {
            throw new Malformed("operation 0xFFFF is reserved");
        }
        if (flags.fragmented() && operation >= 0x0003 && operation <= 0x001F) {
            throw new Malformed("operation 0x%04X is never fragmented".formatted(operation));
        }
        Frame frame = new Frame(flags, operation, array[offset + Layout.SEQUENCE_AT] & 0xFF,
                tier.below(Tier.T2) ? 0 : Wire.u16(array, offset + Layout.SESSION_AT),
                tier.below(Tier.T3) ? 0 : Wire.u32(array, offset + Layout.TIMESTAMP_AT),
                tier.below(Tier.T3) ? 0 : Wire.u16(array, offset + Layout.NONCE_AT),
                tier.below(Tier.T4) ? 0 : Wire.u32(array, offset + Layout.KEY_ID_AT), array, offset, length);
        if (!tier.below(Tier.T4)) {
            frame.checkKeyFields();
        }
        return frame;
    }

    private void checkKeyFields() throws Malformed {
        if (!flags.encrypted() && keyId != 0) {
            throw new Malformed("key id %d without encryption".formatted(keyId));
        }
        if (!flags.encrypted() && tier() == Tier.T5 && !zero(Layout.TAG_AT, Layout.TAG)) {
            throw new Malformed("a tag without encryption");
        }
        if (!mayCarryKey() && hasKey()) {
            throw new Malformed("operation 0x%04X carries no X25519 key".formatted(operation));
        }
    }

    /**
     * Key exchange operations carry a key, and what a handshake message carries in an open session is
     * nobody's business: there it is ignored as a whole.
     */
    private boolean mayCarryKey() {
        return switch (operation) {
            case 0x0007, 0x0008, 0x0010, 0x0011, 0x0016 -> true;
            case 0x0003, 0x0004, 0x0012 -> flags.encrypted();
            default -> false;
        };
    }

    /** 1 to 5. */
    public Tier tier() {
        return flags.tier();
    }

    /** Where the body begins in the array. */
    public int bodyOffset() {
        return offset + Layout.header(tier());
    }

    /** Bytes of the payload, or of ciphertext and (tiers 2 to 4) tag. */
    public int bodyLength() {
        return length - Layout.header(tier()) - Layout.trailer(tier());
    }

    /** Whether the X25519 field is not zero. */
    public boolean hasKey() {
        return !tier().below(Tier.T4) && !zero(Layout.X25519_AT, Layout.X25519);
    }

    /** The X25519 field, a copy; tiers 4 and 5 only. */
    public byte[] key() {
        return Arrays.copyOfRange(array, offset + Layout.X25519_AT,
                offset + Layout.X25519_AT + Layout.X25519);
    }

    /** The whole frame, a copy. */
    public Bytes bytes() {
        return Bytes.copyOf(array, offset, length);
    }

    private boolean zero(int at, int size) {
        int sum = 0;
        for (int i = 0; i < size; i++) {
            sum |= array[offset + at + i];
        }
        return sum == 0;
    }
}
