package org.myclerk.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeaturesTest {

    @TempDir
    Path folder;

    @BeforeEach
    void makeDistribution() throws IOException {
        Files.createDirectories(folder.resolve("features"));
        Files.createDirectories(folder.resolve("bundles"));
        feature("base", "\"bundles\": [ { \"id\": \"org.x:core:1.0\" } ]");
        feature("a", """
                "myclerk:requires": ["b"], "bundles": [ "org.x:a:1.0", "org.x:shared:1.0" ],
                "configurations": { "org.x.a": { "k": 1 } }""");
        feature("b", "\"bundles\": [ { \"id\": \"org.x:shared:1.0\" } ]");
        for (String jar : List.of("core-1.0.jar", "a-1.0.jar", "shared-1.0.jar")) {
            Files.createFile(folder.resolve("bundles").resolve(jar));
        }
    }

    @Test
    void selectsTheBaseFirstThenWhatAFeatureBuildsOnEachBundleOnce() throws Refusal {
        Features.Selection selection = select("a");
        assertEquals(List.of("base", "b", "a"), selection.names());
        assertEquals(List.of("core-1.0.jar", "shared-1.0.jar", "a-1.0.jar"),
                selection.bundles().stream().map(path -> path.getFileName().toString()).toList());
        assertEquals("1", selection.configurations().get("org.x.a").get("k"));
    }

    @Test
    void findsABundleWithAClassifier() throws Exception {
        feature("c", "\"bundles\": [ \"org.x:native:jar:linux:2\" ]");
        Files.createFile(folder.resolve("bundles/native-2-linux.jar"));
        assertEquals(folder.resolve("bundles/native-2-linux.jar"), select("c").bundles().getLast());
    }

    @Test
    void refusesAFeatureThatIsNotThereAndNamesThoseThatAre() {
        assertRefused("there is no feature x; there are: a, b, base", "x");
        assertRefused("there is no feature ../a; there are: a, b, base", "../a");
    }

    @Test
    void refusesABundleThatIsNotThere() throws IOException {
        feature("c", "\"bundles\": [ \"org.x:gone:1\" ]");
        assertRefused("feature c needs gone-1.jar, which is not in " + folder.resolve("bundles"), "c");
    }

    @Test
    void refusesFeaturesThatRequireEachOther() throws IOException {
        feature("b", "\"myclerk:requires\": [\"c\"]");
        feature("c", "\"myclerk:requires\": [\"b\"]");
        assertRefused("features require each other in a circle: b, c, b", "a");
    }

    @Test
    void refusesAnUnknownKey() throws IOException {
        feature("c", "\"bundle\": [ \"org.x:a:1.0\" ]");
        assertRefused("c.json: the key \"bundle\" is unknown; known are SCM, bundles, categories, complete, "
                + "configurations, description, docURL, feature-resource-version, id, license, "
                + "myclerk:requires, "
                + "name, vendor", "c");
        feature("c", "\"bundles\": [ { \"id\": \"org.x:a:1.0\", \"start\": 3 } ]");
        assertRefused("c.json: the key \"start\" is unknown; known are file, id", "c");
    }

    @Test
    void refusesAFileThatIsNamedUnlikeItsFeature() throws IOException {
        Files.move(folder.resolve("features/a.json"), folder.resolve("features/c.json"));
        assertRefused(folder + "/features/c.json: by its id it would be called a", "c");
    }

    @Test
    void refusesAFileOfAnotherFolder() throws IOException {
        feature("c", "\"bundles\": [ { \"id\": \"org.x:a:1.0\", \"file\": \"../../a.jar\" } ]");
        assertRefused("c.json: a bundle's file is a name without a folder, not ../../a.jar", "c");
    }

    @Test
    void remembersWhatIsInstalled() throws Exception {
        Path home = folder.resolve("home");
        assertEquals(Optional.empty(), Installed.read(home));
        Installed first = new Installed(List.of("a"), List.of(), List.of());
        Feature outside = Feature.parse(Feature.object(folder.resolve("features/a.json")), "a");
        Installed second = first.changed("install b", 1_000, List.of("a", "b"), List.of(outside));
        second.write(home);
        assertEquals(Optional.of(second), Installed.read(home));
        Files.createFile(home.resolve("installed/leftover.jar"));
        Files.createFile(home.resolve("installed/a-1.0.jar"));
        second.tidy(home);
        assertEquals(false, Files.exists(home.resolve("installed/leftover.jar")));
        assertEquals(true, Files.exists(home.resolve("installed/a-1.0.jar")));
    }

    private Features.Selection select(String feature) throws Refusal {
        return new Features(folder, folder.resolve("home")).select(
                new Installed(List.of(feature), List.of(), List.of()));
    }

    private void assertRefused(String message, String feature) {
        assertEquals(message, assertThrows(Refusal.class, () -> select(feature)).getMessage());
    }

    private void feature(String name, String rest) throws IOException {
        Files.writeString(folder.resolve("features").resolve(name + ".json"),
                "{ \"id\": \"org.x:org.x.feature.%s:1.0\", %s }".formatted(name, rest));
    }
}
