package org.myclerk.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import java.util.stream.Stream;

/**
 * The features that a node can have: those of the distribution ({@code features/NAME.json}, their jars in
 * {@code bundles/}) and those from outside that its home keeps. {@code base} is always part.
 */
final class Features {

    /** The feature without which no node runs. */
    static final String BASE = "base";

    /** What a new home gets that does not say. */
    static final String DEFAULT = "default";

    /**
     * What is to run.
     *
     * @param features those first that others build on
     * @param bundles each once, in the order to be started
     * @param configurations of all of them
     */
    record Selection(List<Feature> features, List<Path> bundles, Configurations configurations) {

        List<String> names() {
            return features.stream().map(Feature::name).toList();
        }
    }

    private final Path distribution;
    private final Path home;

    /** @param distribution the folder with {@code features} and {@code bundles} */
    Features(Path distribution, Path home) {
        this.distribution = distribution;
        this.home = home;
    }

    /** Names in a text, separated by commas and white space. */
    static List<String> names(String text) {
        return Stream.of(text.split("[,\\s]+")).filter(name -> !name.isEmpty()).toList();
    }

    /** All features of the distribution by name. */
    Map<String, Feature> distributed() throws Refusal {
        var all = new TreeMap<String, Feature>();
        for (String name : distributedNames()) {
            all.put(name, read(name));
        }
        return all;
    }

    /** Where a jar of the distribution is, if it has it. */
    Path distributed(String jar) {
        return distribution.resolve("bundles").resolve(jar);
    }

    private List<String> distributedNames() throws Refusal {
        Path folder = distribution.resolve("features");
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(path -> path.getFileName().toString()).filter(name -> name.endsWith(".json"))
                    .map(name -> name.substring(0, name.length() - ".json".length())).sorted().toList();
        } catch (IOException e) {
            throw new Refusal("%s cannot be read: %s".formatted(folder, Home.reason(e)));
        }
    }

    private Feature read(String name) throws Refusal {
        Path file = distribution.resolve("features").resolve(name + ".json");
        Feature feature = Feature.read(file);
        if (!feature.name().equals(name)) {
            throw new Refusal("%s: by its id it would be called %s".formatted(file, feature.name()));
        }
        return feature;
    }

    /**
     * Finds a feature: one from outside that is installed goes before one of the distribution.
     *
     * @throws Refusal if there is none, naming those that are
     */
    Feature find(String name, Installed installed) throws Refusal {
        Optional<Feature> pinned = installed.pinned(name);
        if (pinned.isPresent()) {
            return pinned.get();
        }
        List<String> all = distributedNames();
        if (!all.contains(name)) {
            throw new Refusal("there is no feature %s; there are: %s".formatted(name,
                    String.join(", ", all)));
        }
        return read(name);
    }

    /** The jars of a feature, in its order. */
    List<Path> jars(Feature feature, Installed installed) throws Refusal {
        Path folder = installed.pinned().contains(feature) ? Installed.folder(home)
                : distribution.resolve("bundles");
        var jars = new ArrayList<Path>();
        for (Feature.Item item : feature.bundles()) {
            Path jar = folder.resolve(item.file());
            if (!Files.exists(jar)) {
                throw new Refusal("feature %s needs %s, which is not in %s".formatted(feature.name(),
                        item.file(), folder));
            }
            jars.add(jar);
        }
        return jars;
    }

    /**
     * Resolves what is installed to bundles and configurations. Of several versions of a bundle that features
     * name the newest runs; of equal ones that from outside.
     *
     * @throws Refusal if a feature or a bundle is missing, or features require each other in a circle
     */
    Selection select(Installed installed) throws Refusal {
        var order = new LinkedHashMap<String, Feature>();
        add(BASE, installed, order, new LinkedHashSet<>());
        for (String name : installed.chosen()) {
            add(name, installed, order, new LinkedHashSet<>());
        }
        var jars = new LinkedHashSet<Path>();
        var configurations = new Configurations();
        for (Feature feature : order.values()) {
            jars.addAll(jars(feature, installed));
            configurations.overlay(feature.configurations(), "feature " + feature.name());
        }
        List<Path> bundles = installed.pinned().isEmpty() ? List.copyOf(jars) : newest(jars);
        return new Selection(List.copyOf(order.values()), bundles, configurations);
    }

    /** One jar for each symbolic name, at the place of the first that is called so. */
    private List<Path> newest(Set<Path> jars) throws Refusal {
        Comparator<BundleFile> order = Comparator.comparing(BundleFile::version)
                .thenComparing(bundle -> bundle.path().startsWith(Installed.folder(home)));
        var newest = new LinkedHashMap<String, BundleFile>();
        for (Path jar : jars) {
            BundleFile bundle = BundleFile.read(jar);
            newest.merge(bundle.symbolicName(), bundle, BinaryOperator.maxBy(order));
        }
        return newest.values().stream().map(BundleFile::path).toList();
    }

    private void add(String name, Installed installed, Map<String, Feature> order, Set<String> path)
            throws Refusal {
        if (order.containsKey(name)) {
            return;
        }
        if (!path.add(name)) {
            throw new Refusal("features require each other in a circle: %s, %s".formatted(
                    String.join(", ", path.stream().dropWhile(each -> !each.equals(name)).toList()), name));
        }
        Feature feature = find(name, installed);
        for (String required : feature.requires()) {
            add(required, installed, order, path);
        }
        path.remove(name);
        order.put(name, feature);
    }
}
