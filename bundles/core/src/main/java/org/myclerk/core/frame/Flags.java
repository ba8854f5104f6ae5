package org.myclerk.core.frame;

import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.Tier;

/**
 * The first byte of every header (§3.1, profile §2): {@code V V T T T C F E}, version always 0.
 *
 * @param compressed C: the payload is compressed
 * @param fragmented F: the frame carries a piece of a message
 * @param encrypted E: the frame is sealed
 */
public record Flags(Tier tier, boolean compressed, boolean fragmented, boolean encrypted) {

    /** The flags of a frame that is not sealed. */
    public static Flags plain(Tier tier) {
        return new Flags(tier, false, false, false);
    }

    /** @throws Malformed for a version other than 0 or a tier above 5 */
    public static Flags decode(byte flags) throws Malformed {
        if ((flags & 0xC0) != 0) {
            throw new Malformed("version %d is not spoken here".formatted((flags & 0xC0) >> 6));
        }
        Tier tier = Tier.of(flags >> 3 & 7);
        if (tier == null) {
            throw new Malformed("tier %d does not exist".formatted(flags >> 3 & 7));
        }
        return new Flags(tier, (flags & 4) != 0, (flags & 2) != 0, (flags & 1) != 0);
    }

    /** The byte on the wire. */
    public byte encode() {
        return encode(tier, compressed, fragmented, encrypted);
    }

    static byte encode(Tier tier, boolean compressed, boolean fragmented, boolean encrypted) {
        return (byte) (tier.number() << 3 | (compressed ? 4 : 0) | (fragmented ? 2 : 0) | (encrypted ? 1 : 0));
    }
}
