package org.myclerk.core.frame;

import org.myclerk.api.operation.OpCode;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Bytes;

/**
 * A message header, one record per tier (§3.2-§3.7, profile §3). Numbers are unsigned, held in the next wider type.
 * What a tier does not carry reads as zero.
 */
public sealed interface Header {

    /** 32 zero bytes: what the X25519 field holds where no ephemeral travels. */
    Bytes NO_EPHEMERAL = Bytes.wrap(new byte[32]);

    /** 16 zero bytes: what the tag field of tier 5 holds in a frame that is not sealed. */
    Bytes NO_TAG = Bytes.wrap(new byte[16]);

    Flags flags();

    /** What the message asks for; in tier 0 it stands behind the header (profile §9). */
    default OpCode operation() {
        return HeaderCodec.NOP;
    }

    /** 0..255. */
    default int sequence() {
        return 0;
    }

    /** 0..65535. */
    default int sessionId() {
        return 0;
    }

    /** Unix seconds, 32 bits. */
    default long timestamp() {
        return 0;
    }

    /** The 16 bits on the wire, not the AEAD nonce of §4. */
    default int nonce() {
        return 0;
    }

    /** The key generation, 32 bits. */
    default long keyId() {
        return 0;
    }

    /** The X25519 public key: 32 bytes. */
    default Bytes ephemeral() {
        return NO_EPHEMERAL;
    }

    /** §3.2: 1 byte. */
    record Tier0(Flags flags) implements Header {
    }

    /** §3.3: 4 bytes. */
    record Tier1(Flags flags, OpCode operation, int sequence) implements Header {
    }

    /** §3.4: 6 bytes. */
    record Tier2(Flags flags, OpCode operation, int sequence, int sessionId) implements Header {
    }

    /** §3.5: 12 bytes. */
    record Tier3(Flags flags, OpCode operation, int sequence, int sessionId, long timestamp, int nonce)
            implements Header {
    }

    /** §3.6: 48 bytes. */
    record Tier4(Flags flags, OpCode operation, int sequence, int sessionId, long timestamp, int nonce, long keyId,
            Bytes ephemeral) implements Header {
    }

    /** §3.7: 64 bytes. {@code tag} is that of Poly1305, 16 bytes. */
    record Tier5(Flags flags, OpCode operation, int sequence, int sessionId, long timestamp, int nonce, long keyId,
            Bytes ephemeral, Bytes tag) implements Header {
    }

    /**
     * The header of a frame that is not sealed: key id and tag are zero.
     *
     * @param tier 1 to 5; fields that it does not carry are left out
     * @param nonce 16 random bits
     * @param ephemeral 32 bytes, {@link #NO_EPHEMERAL} where none travels
     */
    static Header plain(Tier tier, OpCode operation, int sequence, int sessionId, long timestamp, int nonce,
            Bytes ephemeral) {
        Flags flags = Flags.plain(tier);
        return switch (tier) {
            case T0 -> new Tier0(flags);
            case T1 -> new Tier1(flags, operation, sequence);
            case T2 -> new Tier2(flags, operation, sequence, sessionId);
            case T3 -> new Tier3(flags, operation, sequence, sessionId, timestamp, nonce);
            case T4 -> new Tier4(flags, operation, sequence, sessionId, timestamp, nonce, 0, ephemeral);
            case T5 -> new Tier5(flags, operation, sequence, sessionId, timestamp, nonce, 0, ephemeral, NO_TAG);
        };
    }
}
