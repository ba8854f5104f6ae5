package org.myclerk.core.frame;

import org.myclerk.api.operation.Tier;

/** Finds the whole counter behind the bits that travel (profile §5.1). No state. */
public final class CounterRecovery {

    private static final long LAST = 0xFFFF_FFFFL;

    private CounterRecovery() {
    }

    /**
     * @param expected highest authenticated counter of this direction and generation plus one
     * @param travelled the low 24 bits of the counter, 8 at tier 2
     * @return the nearest counter; more than 2^32-1 only if so many are expected already, which nothing
     *     authentic gives
     */
    public static long recover(Tier tier, long expected, int travelled) {
        long window = tier == Tier.T2 ? 1L << 8 : 1L << 24;
        long counter = expected & -window | travelled;
        if (counter + window / 2 <= expected && counter + window <= LAST) {
            return counter + window;
        }
        if (counter > expected + window / 2 && counter >= window) {
            return counter - window;
        }
        return counter;
    }
}
