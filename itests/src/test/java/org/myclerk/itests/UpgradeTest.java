package org.myclerk.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Bundles of a node are replaced while clients call it without a pause: not one request fails. */
@Timeout(value = 3 * Distribution.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class UpgradeTest {

    private static final int NOT_FOUND = 0x13;
    private static final int CALLERS = 16;
    private static final long BACK_WITHIN_MILLIS = 2_000;

    @TempDir
    Path folder;

    private Distribution distribution;
    private NodeUnderTest node;
    private Isolated load;

    @BeforeEach
    void start() throws Exception {
        distribution = Distribution.built();
        Path home = folder.resolve("home");
        node = new NodeUnderTest(distribution, home, "default,conformance");
        load = Isolated.client(distribution, "org.myclerk.itests.load.Load", home, CALLERS);
    }

    @AfterEach
    void stop() throws Exception {
        if (load != null) {
            load.close();
        }
        if (node != null) {
            node.close();
        }
    }

    private Path bundle(String name) throws Exception {
        return distribution.files("bundles").stream()
                .filter(jar -> jar.getFileName().toString().startsWith(name + "-")).findFirst().orElseThrow();
    }

    /** Replaces bundles to and fro, and says how long the slowest call took in each round. */
    private List<Long> replace(int rounds, List<Path> first, List<Path> second) throws Exception {
        List<Long> slowest = new ArrayList<>();
        List<Path> before = first;
        List<Path> after = second;
        for (int round = 0; round < rounds; round++) {
            load.call("await", 200L);
            load.call("counts");
            List<Path> pairs = new ArrayList<>();
            for (int i = 0; i < before.size(); i++) {
                pairs.addAll(List.of(before.get(i), after.get(i)));
            }
            node.call("replace", pairs.toArray(Path[]::new));
            load.call("await", 200L);
            Map<?, ?> counts = (Map<?, ?>) load.call("counts");
            assertEquals(List.of(), counts.get("failures"), "round " + round);
            slowest.add((Long) counts.get("slowest"));
            List<Path> swap = before;
            before = after;
            after = swap;
        }
        System.out.printf("%s: slowest call in each of %d rounds, ms: %s%n", first.stream().map(Path::getFileName).toList(),
                rounds, slowest);
        return slowest;
    }

    @Test
    void aCapabilityThatStandsBesideItsNextVersion() throws Exception {
        Path before = bundle("org.myclerk.vendor.conformance");
        Path after = Bumped.version(before, "0.2.0", folder);
        replace(20, List.of(before), List.of(after));
        assertEquals(NOT_FOUND, load.call("status", 0xF100), "what is not there says so all the while");
    }

    @Test
    void aCapabilityThatMustBeAlone() throws Exception {
        Path before = bundle("org.myclerk.vendor.conformance");
        Path first = alone(before, "0.1.1");
        Path second = alone(before, "0.1.2");
        node.call("replace", before, first);
        for (long slowest : replace(20, List.of(first), List.of(second))) {
            assertTrue(slowest < BACK_WITHIN_MILLIS, () -> "callers waited " + slowest + " ms");
        }
        node.call("uninstall", first);
        assertEquals(NOT_FOUND, load.call("status", 0xF001), "it was removed, not replaced");
        node.call("install", first);
    }

    private Path alone(Path jar, String version) throws Exception {
        return Bumped.changed(jar, version, Map.of("Provide-Capability",
                header -> header.replace("org.myclerk.operation;", "org.myclerk.operation;alone=true;")), folder);
    }

    @Test
    void coreAndEverythingUnderIt() throws Exception {
        for (String name : List.of("org.myclerk.core", "org.myclerk.transport.tcp", "org.myclerk.devices",
                "org.myclerk.store", "org.myclerk.api", "org.apache.felix.scr")) {
            Path before = bundle(name);
            Path after = Bumped.version(before, "9.0.0", Files.createDirectories(folder.resolve(name)));
            replace(2, List.of(before), List.of(after));
        }
    }

    @Test
    void everythingAtOnce() throws Exception {
        String running = node.call("running");
        List<Path> before = distribution.files("bundles").stream().filter(jar ->
                running.contains(jar.getFileName().toString().replaceFirst("-[0-9].*", ":0.1.0"))).toList();
        List<Path> after = new ArrayList<>();
        for (Path jar : before) {
            after.add(Bumped.version(jar, "9.0.0", folder));
        }
        replace(2, before, after);
    }
}
