package org.myclerk.runtime.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Looks at the words of a command line before it is parsed. */
final class Words {

    private static final String HOME = "--home";

    private Words() {
    }

    /** The first word that is neither an option nor the value of {@code --home}; empty if there is none. */
    static String command(List<String> words) {
        return plain(words).stream().findFirst().orElse("");
    }

    /** The words that are neither options nor the value of {@code --home}. */
    static List<String> plain(List<String> words) {
        List<String> plain = new ArrayList<>();
        for (int i = 0; i < words.size(); i++) {
            if (words.get(i).equals(HOME)) {
                i++;
            } else if (!words.get(i).startsWith("-") || words.get(i).equals("-")) {
                plain.add(words.get(i));
            }
        }
        return plain;
    }

    /** The value of {@code --home}. */
    static Optional<Path> home(List<String> words) {
        for (int i = 0; i < words.size(); i++) {
            if (words.get(i).equals(HOME) && i + 1 < words.size()) {
                return Optional.of(Path.of(words.get(i + 1)));
            }
            if (words.get(i).startsWith(HOME + "=")) {
                return Optional.of(Path.of(words.get(i).substring(HOME.length() + 1)));
            }
        }
        return Optional.empty();
    }
}
