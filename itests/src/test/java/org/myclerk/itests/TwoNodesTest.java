package org.myclerk.itests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two nodes in processes of their own, paired at the command line, and a serial port between them: a pseudo-terminal that
 * socat holds at the far end, and one that the command line makes at the near end.
 */
@Timeout(value = 5 * Distribution.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TwoNodesTest {

    @TempDir
    Path folder;

    private final List<Process> processes = new ArrayList<>();
    private Distribution distribution;
    private Path port;
    private Path device;

    @BeforeEach
    void startSocat() throws Exception {
        boolean there = Files.isExecutable(Path.of("/usr/bin/socat"));
        if (!there && Boolean.getBoolean("myclerk.required")) {
            fail("socat is missing");
        }
        assumeTrue(there, "socat is missing");
        distribution = Distribution.built();
        port = folder.resolve("port");
        device = folder.resolve("device");
        Process socat = new ProcessBuilder("socat", "-d", "-d", "pty,raw,echo=0,link=" + port,
                "pty,raw,echo=0,link=" + device).redirectErrorStream(true).start();
        processes.add(socat);
        awaitLine(socat.inputReader(), "starting data transfer loop");
    }

    @AfterEach
    void stopAll() throws InterruptedException {
        for (Process process : processes.reversed()) {
            process.destroy();
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
    }

    private static String awaitLine(BufferedReader reader, String part) throws IOException {
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            if (line.contains(part)) {
                return line;
            }
        }
        throw new IOException("ended without saying \"%s\"".formatted(part));
    }

    private Process up(String name, String listen, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("up", "--home", home(name), "--listen", listen, "--set",
                "core.node.name=" + name, "--set", "discovery.enabled=false"));
        arguments.addAll(List.of(more));
        Process node = distribution.start(folder.resolve(name + ".log"), arguments.toArray(String[]::new));
        processes.add(node);
        return node;
    }

    private String home(String name) {
        return folder.resolve(name).toString();
    }

    private static String endpoint(Process node) throws IOException {
        return awaitLine(node.inputReader(), "ready tcp ").substring("ready tcp ".length());
    }

    private List<String> run(String name, String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--home", home(name)));
        Distribution.Ended ended = distribution.run(folder.resolve("errors"), all.toArray(String[]::new));
        assertEquals(0, ended.status(), () -> all + ": " + ended.errors());
        return ended.output();
    }

    @Test
    void lendsASerialPortAndGoesOnAfterTheServerWasKilled() throws Exception {
        String ports = "backend.jserialcomm.ports=" + port;
        Process kitchen = up("kitchen", "127.0.0.1:0", "--set", ports);
        String address = endpoint(kitchen);
        endpoint(up("desk", "127.0.0.1:0"));
        String invitation = run("kitchen", "invite", "--role", "admin").getFirst();
        run("desk", "join", invitation, "--name", "desk");
        assertTrue(run("desk", "peers").toString().contains("connected"));
        assertTrue(run("kitchen", "call", "desk", "serial.port-list").getFirst().startsWith("{\"ports\":["),
                "the node that joined is called over the same session");
        assertTrue(run("desk", "call", "kitchen", "serial.port-list").getFirst().contains(port.toString()));

        Path terminal = folder.resolve("terminal");
        Process bridge = new ProcessBuilder(distribution.folder().resolve("bin/myclerk").toString(), "serial", "kitchen",
                port.toString(), "--pty", terminal.toString(), "--home", home("desk")).start();
        processes.add(bridge);
        BufferedReader said = bridge.errorReader();
        awaitLine(said, terminal.toString());
        exchange(terminal, 1_000_000);

        kitchen.destroyForcibly().waitFor();
        endpoint(up("kitchen", address, "--set", ports));
        awaitLine(said, "the port is open again");
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
