package org.myclerk.core.frame;

/** Which of the last 1024 counters were seen (profile §15). Not thread-safe. */
final class ReplayWindow {

    private static final int SIZE = 1024;

    private final long[] seen = new long[SIZE / 64];
    private long highest = -1;

    /** Whether a frame with that counter may still be taken. */
    boolean fresh(long counter) {
        if (counter > highest) {
            return true;
        }
        return highest - counter < SIZE && (seen[word(counter)] & bit(counter)) == 0;
    }

    void accept(long counter) {
        if (counter > highest) {
            long gap = Math.min(counter - highest, SIZE);
            for (long c = counter - gap + 1; c < counter; c++) {
                seen[word(c)] &= ~bit(c);
            }
            highest = counter;
        }
        seen[word(counter)] |= bit(counter);
    }

    private static int word(long counter) {
        return (int) (counter % SIZE) / 64;
    }

    private static long bit(long counter) {
        return 1L << (counter % 64);
    }
}
