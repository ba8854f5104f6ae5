package org.myclerk.itests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.Test;
import org.myclerk.runtime.NodeInFramework;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;

/**
 * However often a bundle is replaced, nothing of its old versions stays: no class loader, no thread, no
 * descriptor. 200 times in the usual build, {@code -Dmyclerk.upgrades=1000} for more.
 */
public class UpgradeLeakTest extends ContainerTest {

    private static final String FEATURES = "default,conformance";
    private static final int UPGRADES = Integer.getInteger("myclerk.upgrades", 200);
    private static final int WARM = 20;
    /** Of the collector's, the compiler's and the carriers of virtual threads, which come and go. */
    private static final int PLAY = 8;

    @Configuration
    public Option[] configuration() throws Exception {
        return new Option[] {features(FEATURES)};
    }

    @Test
    public void leavesNothingBehind() throws Exception {
        NodeInFramework node = listen(FEATURES);
        Isolated load = client("org.myclerk.itests.load.Load", home(), 2);
        Path first = jar("org.myclerk.vendor.conformance");
        Path beside = Bumped.version(first, "0.2.0", folder());
        Path alone = Bumped.changed(first, "0.3.0", Map.of("Provide-Capability",
                header -> header.replace("org.myclerk.operation;", "org.myclerk.operation;alone=true;")),
                folder());
        List<Path> versions = List.of(first, beside, alone);
        int threads = 0;
        long descriptors = 0;
        for (int i = 0; i < UPGRADES; i++) {
            if (i == WARM) {
                threads = Thread.getAllStackTraces().size();
                descriptors = descriptors();
            }
            node.watchLoader(versions.get(i % versions.size()));
            node.replace(versions.get(i % versions.size()), versions.get((i + 1) % versions.size()));
        }
        load.call("await", 100L);
        assertEquals(List.of(), ((Map<?, ?>) load.call("counts")).get("failures"));
        assertEquals("class loaders of old versions", 0, node.loadersLeft());
        int threadsAfter = Thread.getAllStackTraces().size();
        long descriptorsAfter = descriptors();
        System.out.printf("%d upgrades: threads %d then %d, descriptors %d then %d%n", UPGRADES, threads,
                threadsAfter, descriptors, descriptorsAfter);
        assertTrue("threads", threadsAfter <= threads + PLAY);
        assertTrue("descriptors", descriptorsAfter <= descriptors + PLAY);
    }

    private static long descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }
}
