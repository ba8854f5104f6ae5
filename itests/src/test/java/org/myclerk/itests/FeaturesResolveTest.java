package org.myclerk.itests;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import aQute.bnd.osgi.Processor;
import aQute.bnd.repository.fileset.FileSetRepository;
import biz.aQute.resolve.BndResolver;
import biz.aQute.resolve.ResolveProcess;
import biz.aQute.resolve.ResolverLogger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.osgi.service.resolver.ResolutionException;

/**
 * What the feature files name is complete: bnd's resolver finds nothing missing, services of components
 * included.
 */
class FeaturesResolveTest {

    private static final Pattern BUNDLE = Pattern.compile("\"id\": *\"([^\":]+):([^\":]+):([^\":]+)\"");
    private static final Pattern REQUIRES = Pattern.compile("\"myclerk:requires\": *\\[([^]]*)]");

    /** What the launcher offers by hand: it is no bundle, so no manifest says so. */
    private static final String LAUNCHER = String.join(",",
            "osgi.service;objectClass=org.osgi.service.log.LogService",
            "osgi.service;objectClass=org.osgi.service.log.LoggerFactory");

    static List<String> features() throws IOException {
        return Distribution.built().files("features").stream().map(file -> file.getFileName().toString())
                .map(name -> name.substring(0, name.length() - ".json".length())).toList();
    }

    @ParameterizedTest
    @MethodSource("features")
    void resolvesAlone(String feature) throws Exception {
        resolve(bundles(List.of(feature)));
    }

    @Test
    void allResolveTogether() throws Exception {
        resolve(bundles(features()));
    }

    /** What a node that serves nothing but itself needs, at most 40 MB. */
    @Test
    void theLeastThatIsANodeIsSmall() throws Exception {
        long size = 0;
        for (Path jar : Stream.concat(bundles(List.of("minimal")).stream(),
                Distribution.built().files("lib").stream()).toList()) {
            size += Files.size(jar);
        }
        assertTrue(size <= 40_000_000, "%d bytes".formatted(size));
    }

    /** Without the store, core is not complete. */
    @Test
    void noticesWhatIsMissing() throws Exception {
        Set<Path> bundles = bundles(List.of("base"));
        assertTrue(bundles.removeIf(jar -> jar.getFileName().toString().startsWith("org.myclerk.store-")));
        String message = ResolveProcess.format(assertThrows(ResolutionException.class,
                () -> resolve(bundles)));
        assertTrue(message.contains("org.myclerk.api.store.Store"), message);
    }

    /** The jars of features and of those that they build on. */
    private static Set<Path> bundles(Collection<String> names) throws IOException {
        var jars = new LinkedHashSet<Path>();
        var seen = new LinkedHashSet<>(List.of("base"));
        seen.addAll(names);
        var left = new ArrayList<>(seen);
        while (!left.isEmpty()) {
            Path folder = Distribution.built().folder();
            String text = Files.readString(folder.resolve("features/%s.json".formatted(left.removeFirst())));
            Matcher bundle = BUNDLE.matcher(text.substring(text.indexOf("\"bundles\"")));
            while (bundle.find()) {
                jars.add(folder.resolve("bundles/%s-%s.jar".formatted(bundle.group(2), bundle.group(3))));
            }
            Matcher requires = REQUIRES.matcher(text);
            if (requires.find()) {
                Stream.of(requires.group(1).split("[\", ]+"))
                        .filter(name -> !name.isEmpty() && seen.add(name))
                        .forEach(left::add);
            }
        }
        return jars;
    }

    /**
     * Resolves exactly these bundles on the framework of the distribution, with what the launcher adds to it.
     */
    private static void resolve(Set<Path> jars) throws Exception {
        Path framework = Distribution.built().files("lib").stream()
                .filter(jar -> jar.getFileName().toString().startsWith("org.apache.felix.framework-"))
                .findFirst()
                .orElseThrow();
        List<File> files = Stream.concat(jars.stream(), Stream.of(framework)).map(Path::toFile).toList();
        var launcher = new Properties();
        try (var in =
                FeaturesResolveTest.class.getResourceAsStream("/org/myclerk/runtime/framework.properties")) {
            launcher.load(in);
        }
        try (Processor run = new Processor(); var log = new ResolverLogger(0)) {
            run.addBasicPlugin(new FileSetRepository("distribution", files));
            run.setProperty("-runfw", "org.apache.felix.framework");
            run.setProperty("-runee", "JavaSE-25");
            run.setProperty("-runsystempackages",
                    launcher.getProperty("org.osgi.framework.system.packages.extra"));
            run.setProperty("-runsystemcapabilities", LAUNCHER);
            run.setProperty("-resolve.effective", "active");
            run.setProperty("-runrequires", String.join(",",
                    jars.stream().map(FeaturesResolveTest::identity).toList()));
            new ResolveProcess().resolveRequired(run, null, run, new BndResolver(log), List.of(), log);
        }
    }

    private static String identity(Path jar) {
        try {
            return "bnd.identity;id=" + BundleManifest.read(jar).name();
        } catch (IOException e) {
            throw new IllegalStateException(jar + " cannot be read", e);
        }
    }
}
