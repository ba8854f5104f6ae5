package org.myclerk.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What ends a command that runs until it is told to. A shell that is no terminal's starts what it puts into
 * the background with SIGINT ignored, so that Ctrl-C for the foreground does not reach it; that stays so, as
 * for ssh.
 */
@Timeout(value = 3 * Distribution.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SignalsTest {

    @TempDir
    Path folder;

    private NodeProcess node;

    @BeforeEach
    void start() throws IOException {
        node = new NodeProcess(Distribution.built(), folder.resolve("home"), "--features", "default,demo");
    }

    @AfterEach
    void stop() {
        node.close();
    }

    /** A bridge to a simulated port, started with SIGINT as coreutils' env sets it. */
    private Process bridge(String interrupt) throws IOException {
        Process bridge = new ProcessBuilder("env", interrupt,
                Distribution.built().folder().resolve("bin/myclerk").toString(), "serial", "self", "sim-gps",
                "--pty", folder.resolve("gps").toString(), "--home", node.home().toString()).start();
        BufferedReader said = bridge.errorReader();
        String line = said.readLine();
        while (line != null && !line.contains("Ctrl-C ends it")) {
            line = said.readLine();
        }
        assertTrue(line != null, "the bridge did not open");
        return bridge;
    }

    private static void send(String signal, Process process) throws IOException, InterruptedException {
        assertEquals(0, new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start()
                .waitFor());
    }

    @Test
    void interruptEndsACommandInOrder() throws Exception {
        Process bridge = bridge("--default-signal=INT");
        send("INT", bridge);
        assertTrue(bridge.waitFor(30, TimeUnit.SECONDS));
        assertEquals(0, bridge.exitValue());
    }

    @Test
    void leavesAnInterruptIgnoredThatWasIgnoredAtItsStart() throws Exception {
        Process bridge = bridge("--ignore-signal=INT");
        send("INT", bridge);
        assertTrue(node.succeed("call", "self", "serial.port-list").toString().contains("sim-gps"));
        assertTrue(bridge.isAlive(), "an ignored signal ended it");
        send("TERM", bridge);
        assertTrue(bridge.waitFor(30, TimeUnit.SECONDS));
        assertEquals(0, bridge.exitValue());
    }
}
