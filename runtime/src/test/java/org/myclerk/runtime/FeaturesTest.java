package org.myclerk.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

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
        feature("base", "{ \"bundles\": [ { \"id\": \"org.x:core:1.0\" } ] }");
        feature("a", """
                { "myclerk:requires": ["b"], "bundles": [ "org.x:a:1.0", "org.x:shared:1.0" ],
                  "configurations": { "org.x.a": { "k": 1 } } }""");
        feature("b", "{ \"myclerk:requires\": [\"a\"], \"bundles\": [ { \"id\": \"org.x:shared:1.0\" } ] }");
        for (String jar : List.of("core-1.0.jar", "a-1.0.jar", "shared-1.0.jar")) {
            Files.createFile(folder.resolve("bundles").resolve(jar));
        }
    }

    @Test
    void installsTheBaseFirstThenWhatAFeatureBuildsOnEachBundleOnce() throws StartFailure {
        Features.Selection selection = new Features(folder).select(List.of("a"));
        assertEquals(List.of("base", "b", "a"), selection.names());
        assertEquals(List.of("core-1.0.jar", "shared-1.0.jar", "a-1.0.jar"),
                selection.bundles().stream().map(path -> path.getFileName().toString()).toList());
        assertEquals("1", selection.configurations().get("org.x.a").get("k"));
    }

    @Test
    void findsABundleWithAClassifier() throws Exception {
        feature("c", "{ \"bundles\": [ \"org.x:native:jar:linux:2\" ] }");
        Files.createFile(folder.resolve("bundles/native-2-linux.jar"));
        assertEquals(folder.resolve("bundles/native-2-linux.jar"),
                new Features(folder).select(List.of("c")).bundles().getLast());
    }

    @Test
    void refusesAFeatureThatIsNotThereAndNamesThoseThatAre() {
        assertRefused(2, "there is no feature x; there are: a, b, base", "x");
        assertRefused(2, "there is no feature ../a; there are: a, b, base", "../a");
    }

    @Test
    void refusesABundleThatIsNotThere() throws IOException {
        feature("c", "{ \"bundles\": [ \"org.x:gone:1\" ] }");
        assertRefused(1, "feature c needs gone-1.jar, which is not in " + folder.resolve("bundles"), "c");
    }

    @Test
    void readsTheNamesOfAHome() throws Exception {
        assertEquals(List.of("default"), Features.ofHome(folder.resolve("bundles")));
        Path home = Files.createDirectory(folder.resolve("home"));
        Files.writeString(home.resolve("features"), "# mine\nserial, demo # for now\nconformance\n");
        assertEquals(List.of("serial", "demo", "conformance"), Features.ofHome(home));
    }

    private void assertRefused(int status, String message, String feature) {
        StartFailure failure =
                assertThrows(StartFailure.class, () -> new Features(folder).select(List.of(feature)));
        assertEquals(message, failure.getMessage());
        assertEquals(status, failure.status());
    }

    private void feature(String name, String text) throws IOException {
        Files.writeString(folder.resolve("features").resolve(name + ".json"), text);
    }
}
