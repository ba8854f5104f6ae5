package org.myclerk.itests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node that owns a serial port, a hub and a client, in processes of their own: the hub asks for the port at
 * the command line, somebody decides, the hub hands it on, and the open port moves between the two (§6.2.4,
 * §6.2.5).
 */
@Timeout(value = 5 * Distribution.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RequestsAndRoutesTest {

    private static final Pattern TOKEN = Pattern.compile("\"token\":\"hex:([0-9a-f]{32})\"");
    private static final int TOTAL = 4_000_000;
    private static final int SOME = 50_000;

    @TempDir
    Path folder;

    private Nodes nodes;
    private String port;
    private Path device;

    @BeforeEach
    void start() throws Exception {
        Nodes.needSocat();
        nodes = new Nodes(folder);
        port = folder.resolve("port").toString();
        device = folder.resolve("device");
        nodes.cable(Path.of(port), device);
    }

    @AfterEach
    void stop() throws InterruptedException {
        if (nodes != null) {
            nodes.stop();
        }
    }

    private String found(Pattern pattern, List<String> output) {
        Matcher matcher = pattern.matcher(String.join("\n", output));
        assertTrue(matcher.find(), () -> pattern + " in " + output);
        return matcher.group(1);
    }

    private String request(String purpose) throws Exception {
        return found(TOKEN, nodes.run("hub", "requests", "create", "kitchen", port, "--purpose", purpose,
                "--json"));
    }

    private void join(String name, String role) throws Exception {
        Nodes.endpoint(nodes.up(name, "127.0.0.1:0"));
        nodes.run(name, "join", nodes.run("kitchen", "invite", "--role", role).getFirst(), "--name", name);
    }

    /** Expects that one part is the whole but for a run, and the other that run. */
    private static void assertInserted(byte[] whole, byte[] outer, byte[] run) {
        int at = Arrays.mismatch(whole, outer);
        while (at > 0 && whole[at - 1] == whole[at - 1 + run.length]) {
            at--;
        }
        byte[] joined = new byte[whole.length];
        System.arraycopy(outer, 0, joined, 0, at);
        System.arraycopy(run, 0, joined, at, run.length);
        System.arraycopy(outer, at, joined, at + run.length, outer.length - at);
        assertArrayEquals(whole, joined);
    }

    @Test
    void asksDecidesHandsOnAndMovesAnOpenPort() throws Exception {
        Nodes.endpoint(nodes.up("kitchen", "127.0.0.1:0", "--set", "backend.jserialcomm.ports=" + port));
        join("hub", "hub");
        join("desk", "member");
        assertEquals(1, nodes.tryTo("hub", "call", "kitchen", "serial.port-open", "port=" + port).status(),
                "nothing is shared yet");

        String rejected = request("the garden");
        String cancelled = request("the cellar");
        String approved = request("the heating");
        Process waits = nodes.start(nodes.command("hub", "requests", "show", approved, "--at", "kitchen",
                "--wait"));
        nodes.run("hub", "requests", "cancel", "kitchen", cancelled);
        List<String> pending = nodes.run("kitchen", "requests");
        assertEquals(3, pending.size(), pending.toString());
        assertTrue(nodes.run("kitchen", "requests", "show", approved.substring(0, 8)).toString()
                .contains("the heating"));
        nodes.run("kitchen", "requests", "reject", rejected, "--reason", "too far");
        nodes.run("kitchen", "requests", "approve", approved);
        assertEquals(0, waits.waitFor(), "whoever waited is told");
        assertTrue(waits.inputReader().readLine().endsWith("of hub: approved"));
        String all = nodes.run("hub", "requests", "list", "--all", "--at", "kitchen").toString();
        assertTrue(all.contains("cancelled") && all.contains("rejected") && all.contains("approved"), all);

        nodes.run("hub", "call", "kitchen", "client.assign", "device=" + port, "client=desk");
        route("hub", 10);
        BufferedReader hubSays = bridge("hub");
        Semaphore came = new Semaphore(0);
        Tap atHub = new Tap(folder.resolve("at-hub"), SOME, came);
        byte[] sent = new byte[TOTAL];
        new Random(1).nextBytes(sent);
        try (OutputStream far = new FileOutputStream(device.toFile())) {
            Thread writer = Thread.ofPlatform().daemon().start(() -> write(far, sent));
            atHub.await(SOME);
            route("desk", 20);
            atHub.open();
            Nodes.awaitLine(hubSays, port + " is held by desk");
            bridge("desk");
            Tap atDesk = new Tap(folder.resolve("at-desk"), SOME, came);
            atDesk.await(SOME);
            nodes.run("hub", "routes", "delete", port, "desk", "--at", "kitchen");
            atDesk.open();
            writer.join();
            assertTrue(came.tryAcquire(TOTAL, Distribution.SECONDS, TimeUnit.SECONDS),
                    () -> "%d bytes are missing"
                    .formatted(TOTAL - came.availablePermits()));
            assertInserted(sent, atHub.bytes(), atDesk.bytes());

            route("desk", 20);
            nodes.down("desk");
            awaitRoute("hub .*has it");
            int before = atHub.bytes().length;
            write(far, "back".getBytes(StandardCharsets.US_ASCII));
            atHub.await(before + 4);
        }
    }

    private void route(String client, int priority) throws Exception {
        assertTrue(nodes.run("hub", "routes", "create", port, client, "--priority",
                Integer.toString(priority), "--at",
                "kitchen").getFirst().endsWith("has it"));
    }

    /** Makes the port a terminal of that node; what the command says from then on. */
    private BufferedReader bridge(String name) throws Exception {
        String terminal = folder.resolve("at-" + name).toString();
        BufferedReader says = nodes.start(nodes.command(name, "serial", "kitchen", port, "--pty", terminal))
                .errorReader();
        Nodes.awaitLine(says, terminal);
        return says;
    }

    private static void write(OutputStream far, byte[] bytes) {
        try {
            far.write(bytes);
            far.flush();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private void awaitRoute(String line) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(Distribution.SECONDS);
        List<String> routes = nodes.run("kitchen", "routes");
        while (routes.stream().noneMatch(route -> route.matches(".*" + line))) {
            assertTrue(System.nanoTime() < deadline, routes.toString());
            routes = nodes.run("kitchen", "routes");
        }
    }
}
