package org.myclerk.itests.rights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.myclerk.itests.rights.NodeProcess.Said;

/**
 * A family at the command line: a child's desk uses what the kitchen shares with it, and no longer than that.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CommandsTest {

    @TempDir
    Path folder;

    private static String good(NodeProcess node, String... words) throws Exception {
        Said said = node.run(words);
        assertEquals(0, said.status(), () -> String.join(" ", words) + ": " + said.error());
        return said.out();
    }

    private static void has(String text, String... parts) {
        for (String part : parts) {
            assertTrue(text.contains(part), () -> "\"%s\" is missing in: %s".formatted(part, text));
        }
    }

    @Test
    void sharesADeviceWithAChildAndTakesItBack() throws Exception {
        try (NodeProcess kitchen = NodeProcess.start(folder.resolve("kitchen"), "kitchen", "--features",
                        "demo,sharing");
                NodeProcess desk = NodeProcess.start(folder.resolve("desk"), "desk", "--features",
                        "minimal")) {
            String invitation = good(kitchen, "invite", "--role", "member").lines().findFirst().orElseThrow();
            good(desk, "join", invitation, "--name", "desk");
            Said refused = desk.run("call", "kitchen", "serial.port-list");
            assertEquals(1, refused.status());
            has(refused.error(), "0x12 FORBIDDEN", "no device of this node is shared with you");

            has(good(kitchen, "person", "add", "Max", "--kind", "child", "desk"), "Max, child, has desk");
            has(good(kitchen, "share", "sim-echo", "with", "max", "--until", "2 h"),
                    "Max may read and write sim-echo");
            has(good(desk, "devices", "kitchen"), "sim-echo", "simulated", "read and write");
            has(good(desk, "call", "kitchen", "serial.port-list"), "\"port\":\"sim-echo\"");
            has(good(kitchen, "why", "desk", "serial.port-open", "sim-echo"), "desk may",
                    "it belongs to Max, child",
                    "person Max: read and write, until");
            has(good(kitchen, "who", "sim-echo"), "sim-echo is free", "Max", "desk");

            has(good(kitchen, "unshare", "sim-echo", "with", "Max"), "sim-echo is no longer shared with Max");
            assertEquals(1, desk.run("call", "kitchen", "serial.port-list").status());
            assertFalse(good(kitchen, "audit").contains("DEVICE_DISCOVER"),
                    "it asked for what is not for it");
            has(good(kitchen, "why", "desk", "serial.port-open", "sim-echo", "--json"), "\"allowed\":false");
            has(good(kitchen, "audit"), "no longer shared with person Max",
                    "shared with person Max: read and write");
            Said wrong = kitchen.run("share", "sim-ecco", "with", "max");
            assertEquals(1, wrong.status());
            assertEquals(
                    "myclerk: sim-ecco: kitchen has no such device; did you mean sim-echo?; myclerk "
                    + "devices lists them", wrong.error());
            knowsWhatIsAway(kitchen);
        }
    }

    /** A device that somebody has named and shared is unplugged: here, with the driver that simulates it. */
    private static void knowsWhatIsAway(NodeProcess kitchen) throws Exception {
        good(kitchen, "call", "self", "device.configure", "device=sim-echo", "name=Max's plug");
        good(kitchen, "share", "sim-echo", "with", "max");
        good(kitchen, "features", "remove", "demo");
        has(good(kitchen, "devices"), "sim-echo", "Max's plug", "away, last seen");
        has(good(kitchen, "who", "Max's plug"), "sim-echo is away, last seen", "Max");
        has(good(kitchen, "unshare", "Max's plug", "with", "Max"), "sim-echo is no longer shared with Max");
        good(kitchen, "call", "self", "device.configure", "device=sim-echo", "name=");
        assertFalse(good(kitchen, "devices").contains("sim-echo"), "nobody has to do with it any more");
    }
}
