package org.myclerk.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A person upgrades a running node at the command line, and those who call it notice nothing. */
@Timeout(value = 3 * Distribution.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CommandLineUpgradeTest {

    private static final List<String> UNSIGNED = List.of("--allow-unsigned");
    private static final int INTERNAL_ERROR = 0x20;

    @TempDir
    Path folder;

    @Test
    void upgradesAndGoesBackUnderLoad() throws Exception {
        Distribution distribution = Distribution.built();
        Path home = folder.resolve("home");
        try (NodeProcess node = new NodeProcess(distribution, home, "--features", "default,conformance")) {
            Isolated load = Isolated.client(distribution, "org.myclerk.itests.load.Load", home, 8);
            try {
                for (String name : List.of("org.myclerk.vendor.conformance", "org.myclerk.core")) {
                    Path jar = distribution.files("bundles").stream().filter(each ->
                            each.getFileName().toString().startsWith(name + "-")).findFirst().orElseThrow();
                    Path bumped = Bumped.version(jar, "0.2.0", folder);
                    node.succeed("features", "install", bumped.toString(), UNSIGNED.getFirst());
                    load.call("await", 200L);
                    assertEquals(List.of(), ((Map<?, ?>) load.call("counts")).get("failures"), name);
                    assertTrue(node.succeed("features", "history").toString().contains(name), name);
                }
                node.succeed("features", "rollback");
                load.call("await", 200L);
                assertEquals(List.of(), ((Map<?, ?>) load.call("counts")).get("failures"), "rollback");
            } finally {
                load.close();
            }
        }
    }

    /** A new version that answers errors goes back by itself, as long as it is on probation. */
    @Test
    void watchesNewVersionsForAsLongAsIsSet() throws Exception {
        Distribution distribution = Distribution.built();
        Path home = folder.resolve("home");
        Tally tally = new Tally(distribution, folder);
        Path good = tally.jar("1.0.0", Tally.source("int", "1", ""), false);
        Path bad = tally.jar("2.0.0", Tally.source("int", "2",
                "if (true) throw new IllegalStateException();"), false);
        try (NodeProcess node = new NodeProcess(distribution, home, "--features", "minimal")) {
            Isolated client = Isolated.client(distribution, "org.myclerk.itests.load.Load", home, 0);
            try {
                assertTrue(node.fail("config", "features.probationSeconds=soon").endsWith(
                        "probationSeconds must be a whole number from 0 to 86400, not \"soon\""));
                node.succeed("config", "features.probationSeconds=0");
                node.succeed("features", "install", good.toString(), UNSIGNED.getFirst());
                upgrade(node, bad, client);
                node.succeed("features");
                assertFalse(node.succeed("features", "history").toString().contains("rollback"));
                node.succeed("features", "rollback");
                node.succeed("config", "features.probationSeconds=60");
                upgrade(node, bad, client);
                VendorTools.await("it goes back by itself", () -> node.succeed("features", "history")
                        .toString().contains(
                        "rollback of \"install com.example.tally 2.0.0\": com.example.tally 2.0.0: tally "
                        + "answered 5 of 5"));
                assertEquals(Map.of("n", 1L), client.call("ask", Tally.GET));
            } finally {
                client.close();
            }
        }
    }

    private static void upgrade(NodeProcess node, Path jar, Isolated client) throws Exception {
        node.succeed("features", "upgrade", jar.toString(), UNSIGNED.getFirst());
        for (int i = 0; i < 5; i++) {
            assertEquals(INTERNAL_ERROR, client.call("status", Tally.GET));
        }
    }
}
