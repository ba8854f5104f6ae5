package org.myclerk.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * An administrator's node changes the features of a paired one, also those that carry the request; a member's
 * may not.
 */
@Timeout(value = 4 * Distribution.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FeaturesOfAPeerTest {

    private static final List<String> AT_PEER = List.of("--on", "kitchen");

    @TempDir
    Path folder;

    private Nodes nodes;

    @BeforeEach
    void start() throws Exception {
        nodes = new Nodes(folder);
        Nodes.endpoint(nodes.up("kitchen", "127.0.0.1:0", "--features", "minimal"));
        Nodes.endpoint(nodes.up("desk", "127.0.0.1:0", "--features", "minimal"));
    }

    @AfterEach
    void stop() throws InterruptedException {
        nodes.stop();
    }

    private void pair(String role) throws Exception {
        nodes.run("desk", "join", nodes.run("kitchen", "invite", "--role", role).getFirst(), "--name",
                "desk");
    }

    /** Runs {@code features} at the desk for the kitchen; it succeeds. */
    private Distribution.Ended features(String... words) throws IOException, InterruptedException {
        var all = new ArrayList<>(List.of("features"));
        all.addAll(List.of(words));
        all.addAll(AT_PEER);
        Distribution.Ended ended = nodes.tryTo("desk", all.toArray(String[]::new));
        assertEquals(0, ended.status(), () -> all + ": " + ended.output() + ended.errors());
        return ended;
    }

    private Path bumped(String name) throws Exception {
        Path jar = Distribution.built().files("bundles").stream()
                .filter(each -> each.getFileName().toString().startsWith(name + "-")).findFirst()
                .orElseThrow();
        return Bumped.version(jar, "0.2.0", folder);
    }

    private void upgrade(String name) throws Exception {
        Distribution.Ended ended = features("upgrade", bumped(name).toString(), "--allow-unsigned");
        assertTrue(ended.errors().toString().contains("replacing %s 0.1.0".formatted(name)),
                ended.errors()::toString);
        assertTrue(features("info", name).output().toString()
                .contains("bundle     %s 0.2.0, runs".formatted(name)), name);
    }

    @Test
    void anAdministratorChangesThem() throws Exception {
        pair("admin");
        String list = features("list").output().toString();
        assertTrue(list.matches(".*conformance +\\S+ +- .*"), list);
        Distribution.Ended installed = features("install", "conformance");
        assertTrue(installed.errors().toString().contains("starting org.myclerk.vendor.conformance 0.1.0"),
                installed.errors()::toString);
        assertTrue(features("info", "conformance").output().toString()
                .contains("vendor.conformance 0.1.0.SNAPSHOT, runs"));
        assertEquals("{\"said\":\"hello\"}", nodes.run("desk", "call", "kitchen", "conformance.echo",
                "said=hello")
                .getFirst());

        upgrade("org.myclerk.vendor.conformance");
        for (String carrier : List.of("org.myclerk.vendor.node", "org.myclerk.core", "org.myclerk.api")) {
            upgrade(carrier);
        }
        features("rollback");
        String history = features("history").output().toString();
        assertTrue(history.contains("rollback of \"install org.myclerk.api 0.2.0\""), history);
        features("remove", "conformance");
        assertTrue(features().output().toString().matches(".*conformance +\\S+ +- .*"));

        assertTrue(nodes.run("desk", "features").toString().matches(".*conformance +\\S+ +- .*"),
                "its own are as before");
        assertEquals(List.of(), nodes.run("desk", "features", "history"), "and were never changed");
    }

    @Test
    void aMemberIsToldThatItMayNot() throws Exception {
        pair("member");
        for (String[] words : new String[][] {{"features"}, {"features", "install", "conformance"},
            {"features", "history"}}) {
            var all = new ArrayList<>(List.of(words));
            all.addAll(AT_PEER);
            Distribution.Ended ended = nodes.tryTo("desk", all.toArray(String[]::new));
            assertEquals(1, ended.status());
            assertEquals(List.of("myclerk: 0x12 FORBIDDEN: needs the role admin on this node"),
                    ended.errors());
        }
    }
}
