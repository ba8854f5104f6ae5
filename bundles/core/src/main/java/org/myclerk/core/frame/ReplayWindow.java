package org.myclerk.core.frame;

import java.util.Arrays;

/** Which of the last 1024 counters were seen (profile §15). */
final class ReplayWindow {

    static final int SIZE = 1024;

    private final long[] seen = new long[SIZE / Long.SIZE];
    private long highest = -1;

    /** Whether a counter is in or above the window and was not seen. */
    boolean accepts(long counter) {
        return counter > highest || counter > highest - SIZE && (seen[word(counter)] & bit(counter)) == 0;
    }

    /** Marks an accepted counter as seen. */
    void add(long counter) {
        if (counter - highest >= SIZE) {
            Arrays.fill(seen, 0);
        } else {
            for (long skipped = highest + 1; skipped < counter; skipped++) {
                seen[word(skipped)] &= ~bit(skipped);
            }
        }
        seen[word(counter)] |= bit(counter);
        highest = Math.max(highest, counter);
    }

    private static int word(long counter) {
        return (int) (counter >>> 6) & SIZE / Long.SIZE - 1;
    }

    private static long bit(long counter) {
        return 1L << counter;
    }
}
