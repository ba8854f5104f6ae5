package org.myclerk.core.frame;

import java.nio.charset.StandardCharsets;

import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.Tier;
import org.myclerk.core.crypto.Crypto;

/**
 * Frames that are not sealed (E=0). Their trailer, under a key that everyone knows, finds errors and proves nothing
 * (profile §4). No state; thread-safe.
 */
public final class PlainFrames {

    private static final FrameMac UNKEYED = new FrameMac("myclerk-v0 unkeyed".getBytes(StandardCharsets.US_ASCII));

    private PlainFrames() {
    }

    /** Bytes of a frame that are not its payload. */
    public static int overhead(Tier tier) {
        return HeaderCodec.overhead(tier, false);
    }

    /**
     * A whole frame.
     *
     * @param header from {@link Header#plain}, tier 1 to 5
     */
    public static byte[] write(Header header, byte[] payload) {
        byte[] frame = new byte[overhead(header.flags().tier()) + payload.length];
        System.arraycopy(payload, 0, frame, HeaderCodec.length(header.flags().tier()), payload.length);
        write(header, frame, 0, payload.length);
        return frame;
    }

    /**
     * Puts header and trailer around a payload that already lies behind the place of the header.
     *
     * @return the length of the frame
     */
    public static int write(Header header, byte[] buffer, int frameOffset, int payloadLength) {
        Tier tier = header.flags().tier();
        if (tier == Tier.T0 || header.flags().encrypted()) {
            throw new IllegalArgumentException("not the header of a plain frame: " + header.flags());
        }
        int length = HeaderCodec.encode(header, buffer, frameOffset) + payloadLength;
        Trailers.write(buffer, frameOffset, length, tier, UNKEYED, new byte[Crypto.HASH]);
        return length + HeaderCodec.trailerLength(tier);
    }

    /** Whether the trailer of a frame with E=0 is right. */
    public static boolean trailerMatches(Frame frame) {
        return Trailers.matches(frame, UNKEYED, new byte[Crypto.HASH]);
    }

    /**
     * Checks trailer and timestamp of a frame with E=0, in this order (profile §15).
     *
     * @param now Unix seconds
     * @param tolerance seconds that clocks may differ
     */
    public static void check(Frame frame, long now, long tolerance) throws Malformed {
        if (frame.encrypted()) {
            throw new Malformed("sealed where it must not be");
        }
        if (!trailerMatches(frame)) {
            throw new Malformed("trailer does not match");
        }
        Freshness.check(frame, now, tolerance);
    }
}
