package org.myclerk.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;

/**
 * The features of a distribution: OSGi Feature files {@code features/NAME.json}. Of these the launcher reads
 * {@code bundles} (ids {@code group:artifact:version} or {@code group:artifact:type:classifier:version},
 * found in {@code bundles/} as {@code artifact-version[-classifier].jar}), {@code configurations}, and one
 * extension: {@code "myclerk:requires": ["base"]} names the features it builds on. {@code base} is
 * always part.
 */
final class Features {

    /** The feature without which no node runs. */
    private static final String BASE = "base";

    /** What a home runs that does not say. */
    private static final String DEFAULT = "default";

    /**
     * What is to be installed.
     *
     * @param names all features, those first that others build on
     * @param bundles each once, in the order to be started
     * @param configurations of all of them
     */
    record Selection(List<String> names, List<Path> bundles, Configurations configurations) { }

    private final Path distribution;
    private final Map<String, JsonObject> read = new LinkedHashMap<>();

    /** @param distribution the folder with {@code features} and {@code bundles} */
    Features(Path distribution) {
        this.distribution = distribution;
    }

    /** Names in a text, separated by commas and white space. */
    static List<String> names(String text) {
        return Stream.of(text.split("[,\\s]+")).filter(name -> !name.isEmpty()).toList();
    }

    /** The features that a home asks for in its file {@code features} (names; {@code #} begins a comment). */
    static List<String> ofHome(Path home) throws StartFailure {
        Path file = home.resolve("features");
        if (!Files.exists(file)) {
            return List.of(DEFAULT);
        }
        try {
            List<String> names = names(Files.readString(file).replaceAll("#.*", ""));
            return names.isEmpty() ? List.of(DEFAULT) : names;
        } catch (IOException e) {
            throw StartFailure.failed("%s cannot be read: %s".formatted(file, Home.reason(e)));
        }
    }

    /**
     * Resolves names to bundles and configurations.
     *
     * @throws StartFailure if a feature or a bundle is not in the distribution
     */
    Selection select(List<String> names) throws StartFailure {
        var order = new LinkedHashSet<String>();
        add(BASE, order);
        for (String name : names) {
            add(name, order);
        }
        var bundles = new LinkedHashSet<Path>();
        var configurations = new Configurations();
        for (String name : order) {
            JsonObject feature = read.get(name);
            for (JsonValue bundle : list(feature, "bundles")) {
                bundles.add(bundle(name, bundle));
            }
            if (feature.get("configurations") instanceof JsonObject object) {
                configurations.overlay(object, file(name));
            }
        }
        return new Selection(List.copyOf(order), List.copyOf(bundles), configurations);
    }

    private void add(String name, Set<String> order) throws StartFailure {
        if (read.containsKey(name)) {
            return;
        }
        if (!name.matches("[\\w.-]+") || !Files.exists(file(name))) {
            throw StartFailure.usage("there is no feature %s; there are: %s".formatted(name,
                    String.join(", ", all())));
        }
        JsonObject feature = Configurations.readObject(file(name));
        read.put(name, feature);
        for (JsonValue required : list(feature, "myclerk:requires")) {
            if (!(required instanceof JsonString text)) {
                throw StartFailure.failed("%s: myclerk:requires must hold names".formatted(file(name)));
            }
            add(text.getString(), order);
        }
        order.add(name);
    }

    private Path bundle(String feature, JsonValue bundle) throws StartFailure {
        String id = switch (bundle) {
            case JsonString text -> text.getString();
            case JsonObject object -> object.getString("id", "");
            default -> "";
        };
        String[] parts = id.split(":");
        String file = switch (parts.length) {
            case 3 -> parts[1] + "-" + parts[2] + ".jar";
            case 4 -> parts[1] + "-" + parts[3] + "." + parts[2];
            case 5 -> parts[1] + "-" + parts[4] + "-" + parts[3] + "." + parts[2];
            default -> throw StartFailure.failed("%s: a bundle needs an id group:artifact:version, not %s"
                    .formatted(file(feature), bundle));
        };
        Path path = distribution.resolve("bundles").resolve(file);
        if (!Files.exists(path)) {
            throw StartFailure.failed("feature %s needs %s, which is not in %s".formatted(feature, file,
                    path.getParent()));
        }
        return path;
    }

    private List<String> all() throws StartFailure {
        Path folder = distribution.resolve("features");
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(path -> path.getFileName().toString()).filter(name -> name.endsWith(".json"))
                    .map(name -> name.substring(0, name.length() - ".json".length())).sorted().toList();
        } catch (IOException e) {
            throw StartFailure.failed("%s cannot be read: %s".formatted(folder, Home.reason(e)));
        }
    }

    private Path file(String name) {
        return distribution.resolve("features").resolve(name + ".json");
    }

    private static List<JsonValue> list(JsonObject object, String key) {
        return object.get(key) instanceof JsonArray array ? array : List.of();
    }
}
