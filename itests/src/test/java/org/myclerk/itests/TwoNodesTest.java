package org.myclerk.itests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two nodes in processes of their own, paired at the command line, and a serial port between them: a
 * pseudo-terminal that socat holds at the far end, and one that the command line makes at the near end.
 */
@Timeout(value = 5 * Distribution.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TwoNodesTest {

    @TempDir
    Path folder;

    private Nodes nodes;
    private Path port;
    private Path device;

    @BeforeEach
    void start() throws Exception {
        Nodes.needSocat();
        nodes = new Nodes(folder);
        port = folder.resolve("port");
        device = folder.resolve("device");
        nodes.cable(port, device);
    }

    @AfterEach
    void stop() throws InterruptedException {
        if (nodes != null) {
            nodes.stop();
        }
    }

    @Test
    void lendsASerialPortAndGoesOnAfterTheServerWasKilled() throws Exception {
        String ports = "backend.jserialcomm.ports=" + port;
        Process kitchen = nodes.up("kitchen", "127.0.0.1:0", "--set", ports);
        String address = Nodes.endpoint(kitchen);
        Nodes.endpoint(nodes.up("desk", "127.0.0.1:0"));
        String invitation = nodes.run("kitchen", "invite", "--role", "admin").getFirst();
        nodes.run("desk", "join", invitation, "--name", "desk");
        assertTrue(nodes.run("desk", "peers").toString().contains("connected"));
        assertTrue(nodes.run("kitchen", "call", "desk", "serial.port-list").getFirst()
                .startsWith("{\"ports\":["),
                "the node that joined is called over the same session");
        assertTrue(nodes.run("desk", "call", "kitchen", "serial.port-list").getFirst()
                .contains(port.toString()));

        Path terminal = folder.resolve("terminal");
        Process bridge = nodes.start(nodes.command("desk", "serial", "kitchen", port.toString(), "--pty",
                terminal.toString()));
        BufferedReader said = bridge.errorReader();
        Nodes.awaitLine(said, terminal.toString());
        exchange(terminal, 1_000_000);

        kitchen.destroyForcibly().waitFor();
        Nodes.endpoint(nodes.up("kitchen", address, "--set", ports));
        Nodes.awaitLine(said, "the port is open again");
        exchange(terminal, 100_000);
    }

    /** Sends different bytes both ways at once and expects every one of them at the other end. */
    private void exchange(Path terminal, int size) throws Exception {
        byte[] down = new byte[size];
        byte[] up = new byte[size];
        new Random(size).nextBytes(down);
        new Random(size + 1).nextBytes(up);
        try (InputStream nearIn = new FileInputStream(terminal.toFile());
                OutputStream nearOut = new FileOutputStream(terminal.toFile());
                InputStream farIn = new FileInputStream(device.toFile());
                OutputStream farOut = new FileOutputStream(device.toFile());
                ExecutorService pool = Executors.newFixedThreadPool(4)) {
            Future<byte[]> atFar = pool.submit(() -> farIn.readNBytes(size));
            Future<byte[]> atNear = pool.submit(() -> nearIn.readNBytes(size));
            Future<?> sent = pool.submit(() -> {
                nearOut.write(up);
                return null;
            });
            Future<?> sentBack = pool.submit(() -> {
                farOut.write(down);
                return null;
            });
            sent.get();
            sentBack.get();
            assertArrayEquals(up, atFar.get());
            assertArrayEquals(down, atNear.get());
        }
    }
}
