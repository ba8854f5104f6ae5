package org.myclerk.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.FileOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node that owns a serial port, a hub and a client, in processes of their own: the hub asks for the port at the command
 * line, somebody decides, the hub hands it on, and the open port moves between the two (§6.2.4, §6.2.5).
 */
@Timeout(value = 5 * Distribution.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RequestsAndRoutesTest {

    private static final Pattern TOKEN = Pattern.compile("\"token\":\"hex:([0-9a-f]{32})\"");
    private static final Pattern DATA = Pattern.compile("\"data\":\"hex:([0-9a-f]*)\"");

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
        return found(TOKEN, nodes.run("hub", "requests", "create", "kitchen", port, "--purpose", purpose, "--json"));
    }

    private void join(String name, String role) throws Exception {
        Nodes.endpoint(nodes.up(name, "127.0.0.1:0"));
        nodes.run(name, "join", nodes.run("kitchen", "invite", "--role", role).getFirst(), "--name", name);
    }

    /** What a node reads of the port until that many bytes have come. */
    private String read(String name, int bytes) throws Exception {
        StringBuilder read = new StringBuilder();
        while (read.length() < bytes) {
            read.append(new String(HexFormat.of().parseHex(found(DATA, nodes.run(name, "call", "kitchen",
                    "serial.data-read", "port=" + port, "timeout-ms=20000"))), StandardCharsets.US_ASCII));
        }
        return read.toString();
    }

    private static void write(OutputStream far, String text) throws Exception {
        far.write(text.getBytes(StandardCharsets.US_ASCII));
        far.flush();
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
        Process waits = nodes.start(nodes.command("hub", "requests", "show", approved, "--peer", "kitchen", "--wait"));
        nodes.run("hub", "requests", "cancel", "kitchen", cancelled);
        List<String> pending = nodes.run("kitchen", "requests");
        assertEquals(3, pending.size(), pending.toString());
        assertTrue(nodes.run("kitchen", "requests", "show", approved.substring(0, 8)).toString()
                .contains("the heating"));
        nodes.run("kitchen", "requests", "reject", rejected, "--reason", "too far");
        nodes.run("kitchen", "requests", "approve", approved);
        assertEquals(0, waits.waitFor(), "whoever waited is told");
        assertTrue(waits.inputReader().readLine().endsWith("of hub: approved"));
        String all = nodes.run("hub", "requests", "list", "--all", "--peer", "kitchen").toString();
        assertTrue(all.contains("cancelled") && all.contains("rejected") && all.contains("approved"), all);

        nodes.run("hub", "call", "kitchen", "client.assign", "device=" + port, "client=desk");
        assertTrue(nodes.run("hub", "routes", "create", port, "hub", "--priority", "10", "--peer", "kitchen")
                .getFirst().endsWith("has it"));
        nodes.run("hub", "call", "kitchen", "serial.port-open", "port=" + port, "baud=9600");
        try (OutputStream far = new FileOutputStream(device.toFile())) {
            write(far, "one");
            assertEquals("one", read("hub", 3));
            write(far, "two");
            assertTrue(nodes.run("hub", "routes", "create", port, "desk", "--priority", "20", "--peer", "kitchen")
                    .getFirst().endsWith("has it"));
            write(far, "three");
            assertEquals("twothree", read("desk", 8));
            assertOpenAsBefore("desk");
            assertEquals(1, nodes.tryTo("hub", "call", "kitchen", "serial.data-read", "port=" + port).status());
            assertEquals(2, nodes.run("desk", "routes", "--peer", "kitchen").stream()
                    .filter(line -> line.endsWith("has it") || line.endsWith("waits")).count());

            nodes.down("desk");
            write(far, "four");
            awaitRoute("hub .*has it");
            assertEquals("four", read("hub", 4));
            assertOpenAsBefore("hub");
        }
    }

    /** A port that was closed and opened again would run at its usual speed. */
    private void assertOpenAsBefore(String name) throws Exception {
        assertTrue(nodes.run(name, "call", "kitchen", "serial.port-configure", "port=" + port).getFirst()
                .contains("\"baud\":9600,"));
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
