package org.myclerk.itests;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A running node of a distribution. */
final class NodeProcess implements AutoCloseable {

    private final Distribution distribution;
    private final Path home;
    private final Path errors;
    private final Process process;

    /** Starts a node and waits until it answers. */
    NodeProcess(Distribution distribution, Path home, String... options) throws IOException {
        this.distribution = distribution;
        this.home = home;
        this.errors = home.resolveSibling(home.getFileName() + ".log");
        var arguments = new ArrayList<>(List.of("up", "--home", home.toString(), "--listen", "127.0.0.1:0",
                "--set",
                "discovery.enabled=false"));
        arguments.addAll(List.of(options));
        this.process = distribution.start(errors, arguments.toArray(String[]::new));
        BufferedReader out = process.inputReader();
        if (out.readLine() == null) {
            throw new IOException("the node does not start: " + Files.readString(errors));
        }
    }

    /** Runs the command line for this node. */
    Distribution.Ended run(String... arguments) throws IOException, InterruptedException {
        var all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--home", home.toString()));
        return distribution.run(home.resolveSibling("errors"), all.toArray(String[]::new));
    }

    /** Runs the command line and expects success. */
    List<String> succeed(String... arguments) throws IOException, InterruptedException {
        Distribution.Ended ended = run(arguments);
        if (ended.status() != 0) {
            throw new AssertionError("%s: %s %s".formatted(List.of(arguments), ended.output(),
                    ended.errors()));
        }
        return ended.output();
    }

    /** Runs the command line, expects failure and gives the last line that it said. */
    String fail(String... arguments) throws IOException, InterruptedException {
        Distribution.Ended ended = run(arguments);
        if (ended.status() == 0) {
            throw new AssertionError("%s succeeded: %s".formatted(List.of(arguments), ended.output()));
        }
        return ended.errors().getLast();
    }

    Process process() {
        return process;
    }

    Path home() {
        return home;
    }

    /** What the node logged. */
    String log() throws IOException {
        return Files.readString(errors);
    }

    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
