package org.myclerk.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Nodes in processes of their own, each with a home that has its name, and what else a test starts beside
 * them.
 */
final class Nodes {

    private final Path folder;
    private final Distribution distribution;
    private final List<Process> processes = new ArrayList<>();
    private final Map<String, Process> running = new HashMap<>();

    /** @param folder where homes and logs go */
    Nodes(Path folder) throws IOException {
        this.folder = folder;
        this.distribution = Distribution.built();
    }

    /** Skips the test without socat, or fails it where programs are required. */
    static void needSocat() {
        boolean there = Files.isExecutable(Path.of("/usr/bin/socat"));
        if (!there && Boolean.getBoolean("myclerk.required")) {
            fail("socat is missing");
        }
        assumeTrue(there, "socat is missing");
    }

    static String awaitLine(BufferedReader reader, String part) throws IOException {
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            if (line.contains(part)) {
                return line;
            }
        }
        throw new IOException("ended without saying \"%s\"".formatted(part));
    }

    /** A process that ends with the test. */
    Process start(ProcessBuilder builder) throws IOException {
        Process process = builder.start();
        processes.add(process);
        return process;
    }

    /** Two pseudo-terminals that are joined, as if by a cable. */
    Process cable(Path one, Path other) throws IOException {
        Process socat = start(new ProcessBuilder("socat", "-d", "-d", "pty,raw,echo=0,link=" + one,
                "pty,raw,echo=0,link=" + other).redirectErrorStream(true));
        awaitLine(socat.inputReader(), "starting data transfer loop");
        return socat;
    }

    /** Starts a node; its log is NAME.log. */
    Process up(String name, String listen, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("up", "--home", home(name), "--listen", listen,
                "--set",
                "core.node.name=" + name, "--set", "discovery.enabled=false"));
        arguments.addAll(List.of(more));
        Process node = distribution.start(folder.resolve(name + ".log"), arguments.toArray(String[]::new));
        processes.add(node);
        running.put(name, node);
        return node;
    }

    /** Has a node stop, and waits for that. */
    void down(String name) throws InterruptedException {
        Process node = running.remove(name);
        node.destroy();
        node.waitFor();
    }

    /** Waits until a node answers, and says where. */
    static String endpoint(Process node) throws IOException {
        return awaitLine(node.inputReader(), "ready tcp ").substring("ready tcp ".length());
    }

    String home(String name) {
        return folder.resolve(name).toString();
    }

    /** The command line, acting for a node's home. */
    ProcessBuilder command(String name, String... arguments) {
        List<String> all = new ArrayList<>(List.of(distribution.folder().resolve("bin/myclerk").toString()));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--home", home(name)));
        return new ProcessBuilder(all);
    }

    /** Runs a command to its end, whatever that is. */
    Distribution.Ended tryTo(String name, String... arguments) throws IOException, InterruptedException {
        Path errors = Files.createTempFile(folder, "errors", "");
        return Distribution.end(command(name, arguments).redirectError(errors.toFile()).start(), errors);
    }

    /** Runs a command that succeeds, and gives what it printed. */
    List<String> run(String name, String... arguments) throws IOException, InterruptedException {
        Distribution.Ended ended = tryTo(name, arguments);
        assertEquals(0, ended.status(), () -> List.of(arguments) + ": " + ended.errors());
        return ended.output();
    }

    /** Ends all that was started. */
    void stop() throws InterruptedException {
        for (Process process : processes.reversed()) {
            process.destroy();
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
    }
}
