package org.myclerk.bench;

import java.util.Arrays;
import java.util.StringJoiner;

/** Durations in nanoseconds, to within 3 % (32 steps per power of two). Not thread-safe. */
final class Histogram {

    private static final int STEPS = 32;
    private static final int SHIFT = 5;

    private final long[] counts = new long[STEPS * 44];
    private long total;

    void clear() {
        Arrays.fill(counts, 0);
        total = 0;
    }

    void add(long nanos) {
        counts[index(Math.max(0, nanos))]++;
        total++;
    }

    void add(Histogram other) {
        for (int i = 0; i < counts.length; i++) {
            counts[i] += other.counts[i];
        }
        total += other.total;
    }

    private static int index(long nanos) {
        if (nanos < STEPS) {
            return (int) nanos;
        }
        int power = 63 - Long.numberOfLeadingZeros(nanos);
        int index = (power - SHIFT + 1) * STEPS + (int) (nanos >>> power - SHIFT) - STEPS;
        return Math.min(index, STEPS * 44 - 1);
    }

    /** The middle of a step. */
    private static double value(int index) {
        if (index < STEPS) {
            return index;
        }
        int power = index / STEPS + SHIFT - 1;
        return (double) (1L << power - SHIFT) * (index % STEPS + STEPS + 0.5);
    }

    /** The value that the share of all is not above, in nanoseconds; 0 if there is none. */
    double percentile(double share) {
        long wanted = (long) Math.ceil(total * share);
        long seen = 0;
        for (int i = 0; i < counts.length; i++) {
            seen += counts[i];
            if (seen >= wanted && seen > 0) {
                return value(i);
            }
        }
        return 0;
    }

    /** Percentiles for a picture: {@code share:nanos,…}. */
    String curve() {
        StringJoiner text = new StringJoiner(",");
        for (double share : new double[] {0, .1, .25, .5, .75, .9, .95, .99, .995, .999, .9999}) {
            text.add("%s:%.0f".formatted(share, percentile(share)));
        }
        return text.toString();
    }
}
