package org.myclerk.core.frame;

import java.util.Objects;

import org.myclerk.api.operation.OpCode;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Bytes;

/**
 * A received frame whose structure is sound: header, body and trailer in a receive buffer (profile §3). It is valid as
 * long as the buffer is; the header may be kept.
 *
 * @param array the receive buffer
 * @param offset where the frame begins
 * @param length of the whole frame
 * @param bodyOffset where the body begins
 * @param bodyLength of the body: the payload, or ciphertext and (tiers 2 to 4) tag
 */
public record Frame(Header header, byte[] array, int offset, int length, int bodyOffset, int bodyLength) {

    private static final int SESSION_INIT = 0x0003;
    private static final int LAST_OF_CORE = 0x001F;
    private static final int RESERVED = 0xFFFF;

    /**
     * Reads a frame and checks everything that needs no key: version, tier, length and the field rules of profile §3.
     *
     * @throws Malformed for whatever breaks them; the frame is to be dropped
     */
    public static Frame parse(byte[] array, int offset, int length) throws Malformed {
        Objects.checkFromIndexSize(offset, length, array.length);
        Header header = HeaderCodec.decode(array, offset, length);
        Flags flags = header.flags();
        int operation = header.operation().value();
        if (flags.tier() == Tier.T0) {
            throw new Malformed("tier 0 outside of a container");
        }
        if (flags.encrypted() && flags.tier() == Tier.T1) {
            throw new Malformed("tier 1 cannot be sealed");
        }
        if (!flags.encrypted() && (flags.compressed() || flags.fragmented())) {
            throw new Malformed("only sealed frames are compressed or fragmented");
        }
        int overhead = HeaderCodec.overhead(flags.tier(), flags.encrypted());
        if (length < overhead) {
            throw new Malformed("%s frame needs %d bytes, got %d".formatted(flags.tier(), overhead, length));
        }
        if (operation == RESERVED) {
            throw new Malformed("operation 0xFFFF is reserved");
        }
        if (flags.fragmented() && operation >= SESSION_INIT && operation <= LAST_OF_CORE) {
            throw new Malformed("operation %s is never fragmented".formatted(header.operation()));
        }
        if (!flags.encrypted() && header.keyId() != 0) {
            throw new Malformed("key id %d in a frame that is not sealed".formatted(header.keyId()));
        }
        if (!flags.encrypted() && header instanceof Header.Tier5 tier5 && tier5.tag() != Header.NO_TAG) {
            throw new Malformed("a tag in a frame that is not sealed");
        }
        if (header.ephemeral() != Header.NO_EPHEMERAL && !carriesEphemeral(operation)) {
            throw new Malformed("an X25519 key in operation %s".formatted(header.operation()));
        }
        int headerLength = HeaderCodec.length(flags.tier());
        return new Frame(header, array, offset, length, offset + headerLength,
                length - headerLength - HeaderCodec.trailerLength(flags.tier()));
    }

    /** Whether an operation may carry an ephemeral; its refusals do not, which only their payload tells. */
    private static boolean carriesEphemeral(int operation) {
        return switch (operation) {
            case 0x0007, 0x0008, 0x0010, 0x0011, 0x0016 -> true;
            default -> false;
        };
    }

    /** 1 to 5. */
    public Tier tier() {
        return header.flags().tier();
    }

    public OpCode operation() {
        return header.operation();
    }

    public int sessionId() {
        return header.sessionId();
    }

    public boolean encrypted() {
        return header.flags().encrypted();
    }

    /** Whether the X25519 field is not zero. */
    public boolean hasEphemeral() {
        return header.ephemeral() != Header.NO_EPHEMERAL;
    }

    /** A copy of the payload of a frame that is not sealed. */
    public Bytes payload() {
        return Bytes.copyOf(array, bodyOffset, bodyLength);
    }

    /** A copy of the frame as it came, for the transcript. */
    public byte[] toBytes() {
        return Bytes.wrap(array, offset, length).toArray();
    }

    int trailerOffset() {
        return bodyOffset + bodyLength;
    }

    /** The operation and the lengths alone: payload bytes do not belong into logs. */
    @Override
    public String toString() {
        return "%s %s, session %d, %d bytes".formatted(tier(), operation(), sessionId(), length);
    }
}
