package org.myclerk.hwlab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

import org.myclerk.api.client.Client;
import org.myclerk.api.client.Peer;

/**
 * A node of the distribution in a process of its own, and a client in this one that calls it over an
 * encrypted session. It is started once and ends with this JVM.
 */
final class LabNode {

    private static LabNode shared;

    private final Path distribution;
    private final Path home;
    private final Program process;
    private final Client client;
    private final Peer peer;

    private LabNode() throws IOException, InterruptedException {
        Path root = Path.of(System.getProperty("myclerk.root"));
        try (Stream<Path> files = Files.list(root.resolve("runtime/target"))) {
            distribution = files.filter(path -> Files.isDirectory(path.resolve("bundles"))).findFirst()
                    .orElseThrow();
        }
        home = Files.createTempDirectory("hwlab").resolve("home");
        ProcessBuilder builder = new ProcessBuilder(distribution.resolve("bin/myclerk").toString(), "up",
                "--home", home.toString(), "--listen", "127.0.0.1:0", "--features",
                "base,gpio,i2c,spi,can,onewire",
                "--set", "devices.graceSeconds=5");
        builder.environment().put("JAVA_TOOL_OPTIONS", "-Dmyclerk.patience=50");
        process = Program.start(builder);
        Runtime.getRuntime().addShutdownHook(new Thread(this::end));
        process.awaitSaying("ready tcp ");
        client = Client.open(home);
        peer = client.own();
    }

    private void end() {
        try {
            Files.writeString(Path.of(System.getProperty("myclerk.root"), "itests/hwlab/target/node.log"),
                    process.said());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            process.close();
        }
    }

    static synchronized LabNode shared() throws IOException, InterruptedException {
        if (shared == null) {
            shared = new LabNode();
        }
        return shared;
    }

    /** The node, over the session that all tests share. */
    Peer peer() {
        return peer;
    }

    /** The node, over a session of its own that ends when it is closed. */
    Client another() throws IOException {
        return Client.open(home);
    }

    /** Runs the node's command line. */
    String cli(String... arguments) {
        return Lab.run(command(arguments));
    }

    Program.Ended tryCli(String... arguments) {
        return Lab.tryToRun(command(arguments));
    }

    /** Starts the node's command line in a folder; what it says on either stream can be read. */
    Program start(Path folder, String... arguments) {
        return Program.start(new ProcessBuilder(command(arguments)).directory(folder.toFile()));
    }

    private String[] command(String... arguments) {
        return Stream.concat(Stream.of(distribution.resolve("bin/myclerk").toString()),
                Stream.concat(Stream.of(arguments), Stream.of("--home", home.toString())))
                .toArray(String[]::new);
    }

    /** Stops the node's process, until it {@linkplain #goOn goes on}. */
    void standStill() {
        Lab.run("kill", "-STOP", Long.toString(process.pid()));
    }

    void goOn() {
        Lab.run("kill", "-CONT", Long.toString(process.pid()));
    }

    /** How many files the node's process has open. */
    long openFiles() {
        try (Stream<Path> files = Files.list(Path.of("/proc/%d/fd".formatted(process.pid())))) {
            return files.count();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
