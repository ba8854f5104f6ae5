package org.myclerk.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor.Exports;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

/** The layers of docs/architecture.md, read off the manifests that bnd wrote. */
class BundleRulesTest {

    private static final String OURS = "org.myclerk.";

    /** Layer of the importing bundle, and the layers it may import from. */
    private static final Map<String, Set<String>> MAY_IMPORT = Map.ofEntries(
            Map.entry("api", Set.of()),
            Map.entry("lib", Set.of()),
            Map.entry("device.api", Set.of("api")),
            Map.entry("testing", Set.of("api")),
            Map.entry("core", Set.of("api")),
            Map.entry("devices", Set.of("api")),
            Map.entry("store", Set.of("api")),
            Map.entry("transport", Set.of("api")),
            Map.entry("discovery", Set.of("api")),
            Map.entry("console", Set.of("api")),
            Map.entry("op", Set.of("api", "device.api")),
            Map.entry("backend", Set.of("api", "device.api")),
            Map.entry("vendor", Set.of("api", "op")));

    /** Layers whose bundles export their vocabulary: one package, named like the bundle. */
    private static final Set<String> VOCABULARY = Set.of("op", "vendor");

    private final List<BundleManifest> ours = read(built());
    private final List<BundleManifest> all = read(Distribution.built().files("bundles"));

    BundleRulesTest() throws IOException { }

    @Test
    void bundlesImportOnlyFromTheLayersBelow() {
        Map<String, String> exporter = exporters(ours);
        var broken = new TreeSet<String>();
        for (BundleManifest bundle : ours) {
            for (String name : imports(bundle)) {
                String from = exporter.get(name);
                if (name.startsWith(OURS) && (from == null || !from.equals(bundle.name())
                        && !MAY_IMPORT.get(layer(bundle)).contains(layer(from)))) {
                    broken.add("%s imports %s from %s".formatted(bundle.name(), name, from));
                }
            }
        }
        assertEquals(Set.of(), broken);
    }

    @Test
    void bundlesExportTheirVocabularyAndNothingElse() {
        var broken = new TreeSet<String>();
        for (BundleManifest bundle : ours) {
            Set<String> allowed = switch (layer(bundle)) {
                case "api", "device.api", "testing" -> bundle.exports().stream()
                        .filter(name -> !name.endsWith(".internal")).collect(Collectors.toSet());
                // A library in a wrapping of ours.
                case "lib" -> bundle.exports().stream().filter(name -> !name.startsWith(OURS))
                        .collect(Collectors.toSet());
                case String layer when VOCABULARY.contains(layer) -> Set.of(bundle.name());
                default -> Set.of();
            };
            bundle.exports().stream().filter(name -> !allowed.contains(name))
                    .forEach(name -> broken.add("%s exports %s".formatted(bundle.name(), name)));
        }
        assertEquals(Set.of(), broken);
    }

    /** Or a second version would be wired to the first one's records and pin its class loader. */
    @Test
    void vocabulariesAreExportedWithoutAnImport() {
        var broken = new TreeSet<String>();
        for (BundleManifest bundle : ours) {
            if (VOCABULARY.contains(layer(bundle))) {
                bundle.exports().stream().filter(imports(bundle)::contains)
                        .forEach(name -> broken.add("%s imports its own %s".formatted(bundle.name(), name)));
            }
        }
        assertEquals(Set.of(), broken);
    }

    @Test
    void aLibraryIsImportedByOneBundle() {
        Map<String, String> exporter = exporters(all);
        Map<String, Set<String>> importers = new TreeMap<>();
        for (BundleManifest bundle : ours) {
            for (String name : imports(bundle)) {
                String library = exporter.get(name);
                if (library != null && !name.startsWith(OURS) && !library.startsWith("org.apache.felix")) {
                    importers.computeIfAbsent(library, _ -> new TreeSet<>()).add(bundle.name());
                }
            }
        }
        importers.values().removeIf(names -> names.size() == 1);
        assertEquals(Map.of(), importers);
    }

    @Test
    void everyImportIsOfferedByTheDistribution() throws IOException {
        Set<String> offered = new TreeSet<>(exporters(all).keySet());
        offered.addAll(launcherPackages());
        ModuleFinder.ofSystem().findAll().forEach(module -> module.descriptor().exports().stream()
                .filter(export -> !export.isQualified()).map(Exports::source).forEach(offered::add));
        for (BundleManifest jar : read(Distribution.built().files("lib"))) {
            if (jar.name().equals("org.apache.felix.framework")) {
                offered.addAll(jar.exports());
            }
        }
        var missing = new TreeSet<String>();
        for (BundleManifest bundle : all) {
            bundle.imports().stream().filter(name -> !offered.contains(name))
                    .forEach(name -> missing.add("%s imports %s".formatted(bundle.name(), name)));
        }
        assertEquals(Set.of(), missing);
    }

    /** Except for the one that only tests use. */
    @Test
    void everyBundleBelongsToAFeature() throws IOException {
        var features = new StringBuilder();
        for (Path file : Distribution.built().files("features")) {
            features.append(Files.readString(file));
        }
        assertEquals(List.of(), ours.stream().map(BundleManifest::name)
                .filter(name -> !name.equals("org.myclerk.testing"))
                .filter(name -> features.indexOf("org.myclerk:%s:".formatted(name)) < 0).toList());
    }

    @Test
    void everyBundleIsBuiltAndNamedLikeItsFolder() throws IOException {
        assertEquals(folders().stream().map(folder -> OURS + folder.getFileName()).toList(),
                ours.stream().map(BundleManifest::name).sorted().toList());
    }

    @Test
    void everyBundleHasALayer() {
        for (BundleManifest bundle : ours) {
            assertNotNull(MAY_IMPORT.get(layer(bundle)), bundle.name());
        }
    }

    private static Set<String> imports(BundleManifest bundle) {
        return Stream.concat(bundle.imports().stream(), bundle.optional().stream())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Map<String, String> exporters(List<BundleManifest> bundles) {
        var exporter = new TreeMap<String, String>();
        bundles.forEach(bundle -> bundle.exports().forEach(name -> exporter.put(name, bundle.name())));
        return exporter;
    }

    private static String layer(BundleManifest bundle) {
        return layer(bundle.name());
    }

    private static String layer(String bundle) {
        String rest = bundle.substring(OURS.length());
        return rest.endsWith("api") ? rest : rest.split("\\.")[0];
    }

    private static Set<String> launcherPackages() throws IOException {
        var settings = new Properties();
        try (InputStream in =
                BundleRulesTest.class.getResourceAsStream("/org/myclerk/runtime/framework.properties")) {
            settings.load(in);
        }
        String header = settings.getProperty("org.osgi.framework.system.packages.extra");
        return BundleManifest.clauses(header).keySet();
    }

    private static List<Path> folders() throws IOException {
        try (Stream<Path> files = Files.list(Distribution.root().resolve("bundles"))) {
            return files.filter(folder -> Files.exists(folder.resolve("pom.xml"))).sorted().toList();
        }
    }

    private static List<Path> built() throws IOException {
        var jars = new ArrayList<Path>();
        for (Path folder : folders()) {
            String begin = OURS + folder.getFileName() + "-";
            try (Stream<Path> files = Files.list(folder.resolve("target"))) {
                files.filter(file -> file.getFileName().toString().startsWith(begin))
                        .filter(file -> file.toString().endsWith(".jar")).forEach(jars::add);
            }
        }
        return jars;
    }

    private static List<BundleManifest> read(List<Path> jars) throws IOException {
        var manifests = new ArrayList<BundleManifest>();
        for (Path jar : jars) {
            manifests.add(BundleManifest.read(jar));
        }
        return manifests;
    }
}
