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

    /** Letters changed, added, left out, or swapped with their neighbour. */
    private static int distance(String from, String to) {
        int[][] cost = new int[from.length() + 1][to.length() + 1];
        for (int i = 0; i <= from.length(); i++) {
            for (int j = 0; j <= to.length(); j++) {
                if (i == 0 || j == 0) {
                    cost[i][j] = i + j;
                    continue;
                }
                int change = from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1;
                cost[i][j] = Math.min(Math.min(cost[i][j - 1], cost[i - 1][j]) + 1, cost[i - 1][j - 1]
                        + change);
                if (i > 1 && j > 1 && from.charAt(i - 1) == to.charAt(j - 2)
                        && from.charAt(i - 2) == to.charAt(j - 1)) {
                    cost[i][j] = Math.min(cost[i][j], cost[i - 2][j - 2] + 1);
                }
            }
        }
        return cost[from.length()][to.length()];
    }
}
