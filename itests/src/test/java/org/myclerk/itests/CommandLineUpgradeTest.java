package org.myclerk.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
}
