package org.myclerk.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * However often a bundle is replaced, nothing of its old versions stays: no class loader, no thread, no descriptor.
 * 200 times in the usual build, {@code -Dmyclerk.upgrades=1000} for more.
 */
@Timeout(value = 10 * Distribution.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class UpgradeLeakTest {

    private static final int UPGRADES = Integer.getInteger("myclerk.upgrades", 200);
    private static final int WARM = 20;
    /** Of the collector's, the compiler's and the carriers of virtual threads, which come and go. */
    private static final int PLAY = 8;

    @TempDir
    Path folder;

    @Test
    void leavesNothingBehind() throws Exception {
        Distribution distribution = Distribution.built();
        Path home = folder.resolve("home");
        NodeUnderTest node = new NodeUnderTest(distribution, home, "default,conformance");
        Isolated load = Isolated.client(distribution, "org.myclerk.itests.load.Load", home, 2);
        try {
            Path first = distribution.files("bundles").stream().filter(jar ->
                    jar.getFileName().toString().startsWith("org.myclerk.vendor.conformance-")).findFirst().orElseThrow();
            Path beside = Bumped.version(first, "0.2.0", folder);
            Path alone = Bumped.changed(first, "0.3.0", Map.of("Provide-Capability",
                    header -> header.replace("org.myclerk.operation;", "org.myclerk.operation;alone=true;")), folder);
            List<Path> versions = List.of(first, beside, alone);
            String[] before = {};
            for (int i = 0; i < UPGRADES; i++) {
                if (i == WARM) {
                    before = node.call("resources").split(" ");
                }
                Path next = versions.get((i + 1) % versions.size());
                node.call("watch-loader", versions.get(i % versions.size()));
                node.call("replace", versions.get(i % versions.size()), next);
            }
            load.call("await", 100L);
            assertEquals(List.of(), ((Map<?, ?>) load.call("counts")).get("failures"));
            assertEquals("0", node.call("loaders-left"), "class loaders of old versions");
            String[] after = node.call("resources").split(" ");
            System.out.printf("%d upgrades: threads %s then %s, descriptors %s then %s%n", UPGRADES, before[0], after[0],
                    before[1], after[1]);
            assertTrue(Integer.parseInt(after[0]) <= Integer.parseInt(before[0]) + PLAY, "threads");
            assertTrue(Integer.parseInt(after[1]) <= Integer.parseInt(before[1]) + PLAY, "descriptors");
        } finally {
            load.close();
            node.close();
        }
    }
}
