package org.myclerk.itests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

import org.junit.Before;
import org.junit.Test;
import org.myclerk.runtime.NodeInFramework;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;

/** Bundles of a node are replaced while clients call it without a pause: not one request fails. */
public class ReplacedUnderLoadTest extends ContainerTest {

    private static final String FEATURES = "default,conformance";
    private static final int NOT_FOUND = 0x13;
    private static final int CALLERS = 16;
    private static final OperatingSystemMXBean SYSTEM = ManagementFactory.getOperatingSystemMXBean();

    /**
     * How long clients wait at most on a machine that they and the node have for themselves. On one that has
     * more to run than processors (the load average tells) it may be as many times longer. Of several rounds
     * the fastest counts: what else runs slows some of them, what is too slow slows all.
     */
    private static final long BACK_WITHIN_MILLIS = 2_000;

    private NodeInFramework node;
    private Isolated load;

    @Configuration
    public Option[] configuration() throws Exception {
        return new Option[] {features(FEATURES)};
    }

    @Before
    public void start() throws Exception {
        node = listen(FEATURES);
        load = client("org.myclerk.itests.load.Load", home(), CALLERS);
    }

    /** Replaces bundles to and fro, and looks how long the slowest call took in each round. */
    private void replace(int rounds, List<Path> first, List<Path> second) throws Exception {
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
            node.replace(pairs.toArray(Path[]::new));
            load.call("await", 200L);
            Map<?, ?> counts = (Map<?, ?>) load.call("counts");
            assertEquals("round " + round, List.of(), counts.get("failures"));
            slowest.add((Long) counts.get("slowest"));
            List<Path> swap = before;
            before = after;
            after = swap;
        }
        System.out.printf("%s: slowest call in each of %d rounds, ms: %s%n",
                first.stream().map(Path::getFileName).toList(),
                rounds, slowest);
        double shared = Math.max(1, SYSTEM.getSystemLoadAverage() / SYSTEM.getAvailableProcessors());
        assertTrue("callers waited %s ms, on a machine with %.1f times its work".formatted(slowest, shared),
                Collections.min(slowest) < BACK_WITHIN_MILLIS * shared);
    }

    @Test
    public void aCapabilityThatStandsBesideItsNextVersion() throws Exception {
        Path before = jar("org.myclerk.vendor.conformance");
        Path after = Bumped.version(before, "0.2.0", folder());
        replace(20, List.of(before), List.of(after));
        assertEquals("what is not there says so all the while", NOT_FOUND, load.call("status", 0xF100));
    }

    @Test
    public void aCapabilityThatMustBeAlone() throws Exception {
        Path before = jar("org.myclerk.vendor.conformance");
        Path first = alone(before, "0.1.1");
        Path second = alone(before, "0.1.2");
        node.replace(before, first);
        replace(20, List.of(first), List.of(second));
        node.uninstall(first);
        assertEquals("it was removed, not replaced", NOT_FOUND, load.call("status", 0xF001));
        node.install(first);
    }

    private Path alone(Path jar, String version) throws Exception {
        return Bumped.changed(jar, version, Map.of("Provide-Capability",
                header -> header.replace("org.myclerk.operation;", "org.myclerk.operation;alone=true;")),
                folder());
    }

    @Test
    public void coreAndEverythingUnderIt() throws Exception {
        for (String name : List.of("org.myclerk.core", "org.myclerk.transport.tcp", "org.myclerk.devices",
                "org.myclerk.store", "org.myclerk.api", "org.apache.felix.scr")) {
            Path before = jar(name);
            Path after = Bumped.version(before, "9.0.0", Files.createDirectories(folder().resolve(name)));
            replace(4, List.of(before), List.of(after));
        }
    }

    @Test
    public void everythingAtOnce() throws Exception {
        String running = String.join(" ", node.running());
        List<Path> before = distribution().files("bundles").stream().filter(jar ->
                running.contains(jar.getFileName().toString().replaceFirst("-[0-9].*", ":0.1.0"))).toList();
        List<Path> after = new ArrayList<>();
        for (Path jar : before) {
            after.add(Bumped.version(jar, "9.0.0", folder()));
        }
        replace(2, before, after);
    }
}
