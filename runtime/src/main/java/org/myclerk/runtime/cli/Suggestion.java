package org.myclerk.runtime.cli;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Guesses what a person meant. */
final class Suggestion {

    private Suggestion() {
    }

    /** The candidate that takes the fewest changes of a letter, if it takes few. */
    static Optional<String> closest(String word, Collection<String> candidates) {
        int most = Math.max(1, word.length() / 3);
        return candidates.stream().filter(candidate -> distance(word, candidate) <= most)
                .min(Comparator.comparingInt(candidate -> distance(word, candidate)));
    }

    /** {@code "; did you mean X?"}, or nothing. */
    static String ending(String word, Collection<String> candidates) {
        return closest(word, candidates).map("; did you mean %s?"::formatted).orElse("");
    }

    private static int distance(String from, String to) {
        int[] above = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            above[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int[] row = new int[to.length() + 1];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int change = from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1;
                row[j] = Math.min(Math.min(row[j - 1], above[j]) + 1, above[j - 1] + change);
            }
            above = row;
        }
        return above[to.length()];
    }
}
