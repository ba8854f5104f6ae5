package org.myclerk.itests.rights;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.myclerk.api.transport.Endpoint;

/** A node of the built distribution in a process of its own. */
final class NodeProcess implements AutoCloseable {

    private static final String READY = "ready tcp ";

    private final Path home;
    private final Process process;
    private final Endpoint endpoint;

    private NodeProcess(Path home, Process process, Endpoint endpoint) {
        this.home = home;
        this.process = process;
        this.endpoint = endpoint;
    }

    /** The distribution in {@code runtime/target}. */
    static Path distribution() throws IOException {
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("myclerk.root"), "runtime",
                "target"))) {
            return files.filter(path -> Files.isDirectory(path.resolve("bundles"))).findFirst()
                    .orElseThrow(() -> new IOException("no distribution is built; build runtime first"));
        }
    }

    /** Starts a node and waits until it answers. */
    static NodeProcess start(Path home, String name, String... more) throws IOException {
        List<String> command = new ArrayList<>(List.of(distribution().resolve("bin/myclerk").toString(), "up",
                "--home", home.toString(), "--listen", "127.0.0.1:0", "--set", "core.node.name=" + name,
                "--set",
                "discovery.enabled=false"));
        command.addAll(List.of(more));
        Path log = home.resolveSibling(name + ".log");
        Process process = new ProcessBuilder(command).redirectError(log.toFile()).start();
        BufferedReader out = process.inputReader();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.contains(READY)) {
                String at = line.substring(line.indexOf(READY) + READY.length()).strip();
                return new NodeProcess(home, process, Endpoint.parse(at));
            }
        }
        throw new IOException("%s did not start: %s".formatted(name, Files.readString(log)));
    }

    Endpoint endpoint() {
        return endpoint;
    }

    Path home() {
        return home;
    }

    /** What a command said, and its exit status. */
    record Said(int status, String out, String error) {
    }

    /** Runs a command of the command line for this home. */
    Said run(String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(distribution().resolve("bin/myclerk").toString()));
        command.addAll(List.of(words));
        command.addAll(List.of("--home", home.toString()));
        Path errors = home.resolveSibling("errors");
        Process run = new ProcessBuilder(command).redirectError(errors.toFile()).start();
        try (BufferedReader out = run.inputReader()) {
            String text = String.join("\n", out.lines().toList());
            if (!run.waitFor(60, TimeUnit.SECONDS)) {
                run.destroyForcibly();
                throw new IOException("still running: " + command);
            }
            return new Said(run.exitValue(), text, Files.readString(errors).strip());
        }
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
