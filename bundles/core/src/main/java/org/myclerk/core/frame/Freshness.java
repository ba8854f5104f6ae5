package org.myclerk.core.frame;

import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.Tier;

/** Whether a timestamp is near enough (§10.2, profile §15). */
public final class Freshness {

    /** Seconds that clocks may differ, unless a node knows better. */
    public static final long TOLERANCE = 300;

    private Freshness() {
    }

    /** Whether two times in Unix seconds are at most so many seconds apart. */
    public static boolean fresh(long timestamp, long now, long tolerance) {
        return Math.abs(now - timestamp) <= tolerance;
    }

    /** @throws Malformed for a frame of tiers 3 to 5 whose timestamp is too far away; the others have none */
    static void check(Frame frame, long now, long tolerance) throws Malformed {
        if (!frame.tier().below(Tier.T3) && !fresh(frame.header().timestamp(), now, tolerance)) {
            throw new Malformed("timestamp differs by more than %d seconds".formatted(tolerance));
        }
    }
}
