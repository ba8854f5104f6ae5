package org.myclerk.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * One line of the table: ours beside theirs in the same rounds.
 *
 * @param work what was measured
 * @param against who it is compared with, or what a figure without a peer is
 * @param ours the median, in words
 * @param theirs the same, empty without a peer
 * @param ratio the median of the ratios of each round, or the figure itself
 * @param low the lower quartile
 * @param high the upper quartile
 * @param bound what the ratio has to keep; NaN if it is only reported
 * @param atLeast whether the bound is a lower one
 * @param reached what is reached so far where that misses the bound; otherwise the bound
 */
record Row(String work, String against, String ours, String theirs, double ratio, double low, double high,
        double bound, boolean atLeast, double reached) {

    /** A failure of CI is a ratio that is worse than its bound by half. */
    private static final double SLACK = 1.5;

    static double median(double[] values) {
        return quantile(values, .5);
    }

    static double quantile(double[] values, double share) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        double at = share * (sorted.length - 1);
        int below = (int) at;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }

    /** @param unit {@code %}-format of one value of either side */
    static Row of(String work, String against, String unit, List<Double> ours, List<Double> theirs,
            double bound, boolean atLeast) {
        double[] ratios = new double[Math.min(ours.size(), theirs.size())];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = ours.get(i) / theirs.get(i);
        }
        return new Row(work, against, words(unit, ours), words(unit, theirs), median(ratios),
                quantile(ratios, .25), quantile(ratios, .75), bound, atLeast, bound);
    }

    /** A figure that stands for itself. */
    static Row alone(String work, String what, String unit, List<Double> ours, double bound) {
        double[] values = array(ours);
        return new Row(work, what, words(unit, ours), "", median(values), quantile(values, .25),
                quantile(values, .75), bound, false, bound);
    }

    /** The bound is missed for a reason that is known; CI watches over what is reached. */
    Row reaching(double far) {
        return new Row(work, against, ours, theirs, ratio, low, high, bound, atLeast, far);
    }

    private static double[] array(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }

    private static String words(String unit, List<Double> values) {
        return unit.formatted(median(array(values)));
    }

    boolean bounded() {
        return !Double.isNaN(bound);
    }

    boolean kept() {
        return !bounded() || (atLeast ? ratio >= bound : ratio <= bound);
    }

    /** Whether it is so far from its bound, or from what was reached, that noise is no excuse. */
    boolean failed() {
        return bounded() && (atLeast ? ratio < reached / SLACK : ratio > reached * SLACK);
    }

    String boundWords() {
        return bounded() ? (atLeast ? "≥ " : "≤ ") + number(bound) : "";
    }

    static String number(double value) {
        return value >= 100 ? "%.0f".formatted(value) : value >= 10 ? "%.1f".formatted(value)
                : String.format(Locale.ROOT, "%.2f", value);
    }
}
