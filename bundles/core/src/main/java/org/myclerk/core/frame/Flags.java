package org.myclerk.core.frame;

import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.Tier;

/**
 * The first byte of every message (§3.1).
 *
 * <pre>
 *  0 1 2 3 4 5 6 7
 * +-+-+-+-+-+-+-+-+
 * |V V|T T T|C|F|E|
 * +-+-+-+-+-+-+-+-+
 * </pre>
 */
public record Flags(Tier tier, boolean compressed, boolean fragmented, boolean encrypted) {

    private static final Flags[] ALL = new Flags[0x30];

    static {
        for (int value = 0; value < ALL.length; value++) {
            ALL[value] = new Flags(Tier.of(value >>> 3), (value & 4) != 0, (value & 2) != 0,
                    (value & 1) != 0);
        }
    }

    /** @throws Malformed if the version is not 0 or no tier has that number */
    public static Flags decode(byte value) throws Malformed {
        if ((value & 0xC0) != 0) {
            throw new Malformed("version %d is not 0".formatted((value & 0xFF) >>> 6));
        }
        if (value >= ALL.length) {
            throw new Malformed("there is no tier " + (value >>> 3 & 7));
        }
        return ALL[value];
    }

    /** The byte on the wire. */
    public byte encode() {
        return (byte) (tier.number() << 3 | (compressed ? 4 : 0) | (fragmented ? 2 : 0)
                | (encrypted ? 1 : 0));
    }
}
