package org.myclerk.core.frame;

/** The 32-bit counter of a sealed frame from the bits of it that travel (profile §5.1). */
public final class CounterRecovery {

    /** The last counter that may be used. */
    public static final long LAST = 0xFFFF_FFFFL;

    private CounterRecovery() {
    }

    /**
     * The counter nearest to the expected one that ends in the bits received. With a forged frame and an expected
     * counter of 2^32 it can lie above {@link #LAST}, which the caller refuses.
     *
     * @param expected highest authenticated counter + 1, 0 at the start
     * @param bits the low bits received
     * @param width 24, or 8 for tier 2
     */
    public static long recover(long expected, int bits, int width) {
        long w = 1L << width;
        long c = expected & -w | bits;
        if (c + w / 2 <= expected && c + w <= LAST) {
            return c + w;
        }
        if (c > expected + w / 2 && c >= w) {
            return c - w;
        }
        return c;
    }
}
