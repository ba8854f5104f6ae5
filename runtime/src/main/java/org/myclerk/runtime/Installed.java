package org.myclerk.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import jakarta.json.Json;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;

/**
 * What is installed on a node: {@code installed/state.json} in its home, replaced as a whole, so that a crash
 * leaves either what was or what is to be. Jars from outside of the distribution lie beside it and are never
 * changed.
 *
 * @param chosen names of features that were asked for; those they build on come along
 * @param pinned features from outside of the distribution, each with its jars in the folder
 * @param history what was before each change, oldest first
 */
record Installed(List<String> chosen, List<Feature> pinned, List<Before> history) {

    private static final String FOLDER = "installed";
    private static final String STATE = "state.json";
    private static final int FORMAT = 1;

    /** Changes that can be looked up and, one by one, taken back. */
    private static final int REMEMBERED = 8;

    Installed {
        chosen = List.copyOf(chosen);
        pinned = List.copyOf(pinned);
        history = List.copyOf(history.subList(Math.max(0, history.size() - REMEMBERED), history.size()));
    }

    /**
     * What was installed before a change.
     *
     * @param at when it was changed, Unix seconds
     * @param change what was done, for people
     */
    record Before(long at, String change, List<String> chosen, List<Feature> pinned) { }

    /** The folder of a home. */
    static Path folder(Path home) {
        return home.resolve(FOLDER);
    }

    /**
     * Reads it.
     *
     * @return empty if nothing was ever installed
     */
    static Optional<Installed> read(Path home) throws Refusal {
        Path file = folder(home).resolve(STATE);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        JsonObject state = Feature.object(file);
        if (state.getInt("format", 0) != FORMAT) {
            throw new Refusal("%s is of format %d, this release reads %d".formatted(file,
                    state.getInt("format", 0), FORMAT));
        }
        try {
            var history = new ArrayList<Before>();
            for (JsonValue entry : state.getJsonArray("history")) {
                JsonObject before = entry.asJsonObject();
                history.add(new Before(before.getJsonNumber("at").longValueExact(),
                        before.getString("change"),
                        chosen(before), pinned(before)));
            }
            return Optional.of(new Installed(chosen(state), pinned(state), history));
        } catch (ClassCastException | NullPointerException | ArithmeticException e) {
            throw new Refusal("%s is not what this release writes".formatted(file));
        }
    }

    private static List<String> chosen(JsonObject state) {
        return state.getJsonArray("chosen").getValuesAs(JsonString::getString);
    }

    private static List<Feature> pinned(JsonObject state) throws Refusal {
        var pinned = new ArrayList<Feature>();
        for (JsonValue feature : state.getJsonArray("pinned")) {
            pinned.add(Feature.parse(feature.asJsonObject(), STATE));
        }
        return pinned;
    }

    /**
     * Writes it durably: once this has returned it holds after any crash, before that what was there holds.
     */
    void write(Path home) throws IOException {
        JsonObjectBuilder state = Json.createObjectBuilder().add("format", FORMAT);
        add(state, chosen, pinned);
        JsonArrayBuilder entries = Json.createArrayBuilder();
        for (Before before : history) {
            JsonObjectBuilder entry = Json.createObjectBuilder().add("at", before.at())
                    .add("change", before.change());
            add(entry, before.chosen(), before.pinned());
            entries.add(entry);
        }
        Files.createDirectories(folder(home));
        Durable.write(folder(home).resolve(STATE), state.add("history", entries).build());
    }

    private static void add(JsonObjectBuilder to, List<String> chosen, List<Feature> pinned) {
        JsonArrayBuilder features = Json.createArrayBuilder();
        pinned.forEach(feature -> features.add(feature.json()));
        to.add("chosen", Json.createArrayBuilder(chosen)).add("pinned", features);
    }

    /** What is to be after a change. */
    Installed changed(String change, long at, List<String> nextChosen, List<Feature> nextPinned) {
        var entries = new ArrayList<>(history);
        entries.add(new Before(at, change, chosen, pinned));
        return new Installed(nextChosen, nextPinned, entries);
    }

    /** As {@code equals}, of which a record's own is put together at its first use: 3 ms at every start. */
    boolean isSame(Installed other) {
        return chosen.equals(other.chosen) && pinned.equals(other.pinned) && history.equals(other.history);
    }

    /**
     * Removes from the folder what neither the state nor its history names: leftovers of what was broken off.
     */
    void tidy(Path home) throws IOException {
        Set<String> wanted = new HashSet<>(Set.of(STATE));
        pinned.forEach(feature -> feature.bundles().forEach(item -> wanted.add(item.file())));
        history.forEach(before -> before.pinned().forEach(feature ->
                feature.bundles().forEach(item -> wanted.add(item.file()))));
        if (Files.isDirectory(folder(home))) {
            try (var files = Files.list(folder(home))) {
                for (Path file : files.filter(path -> !wanted.contains(path.getFileName().toString()))
                        .toList()) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    /** The feature from outside that is called so. */
    Optional<Feature> pinned(String name) {
        return pinned.stream().filter(feature -> feature.name().equals(name)).findFirst();
    }
}
