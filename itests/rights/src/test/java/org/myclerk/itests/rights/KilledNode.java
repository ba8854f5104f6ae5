package org.myclerk.itests.rights;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.myclerk.api.transport.Endpoint;

/**
 * A node of the built distribution that is started often and ends by a signal that nobody can catch. It
 * starts as {@code bin/myclerk} would start it, only that it compiles less, has an AOT cache from its first
 * start on, and has all the time that a busy machine needs.
 */
final class KilledNode {

    /** What a process that SIGKILL ended leaves as its status. */
    private static final int KILLED = 128 + 9;
    private static final String READY = "ready tcp ";

    private final Process process;
    private final Path log;
    private volatile boolean killed;

    /** Starts one; it is not ready yet. */
    KilledNode(Path home, Path cache, Path log) throws IOException {
        this.log = log;
        this.process = new ProcessBuilder(command(home, List.of("-XX:AOTCache=" + cache))).redirectError(
                ProcessBuilder.Redirect.appendTo(log.toFile())).start();
    }

    /** Makes the cache, with a node that ends once it is ready. */
    static void makeCache(Path home, Path cache, Path log) throws IOException, InterruptedException {
        Process training = new ProcessBuilder(command(home, List.of("-XX:AOTCacheOutput=" + cache,
                "-Dmyclerk.training=true"))).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        if (training.waitFor() != 0 || !Files.exists(cache)) {
            throw new IOException("no AOT cache was made: " + Files.readString(log));
        }
    }

    private static List<String> command(Path home, List<String> options) throws IOException {
        Path distribution = NodeProcess.distribution();
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java")
                .toString(), "-Dmyclerk.dist=" + distribution, "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",
                "-Xms16m", "-Xss512k", "-XX:+UseCompactObjectHeaders", "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow", "-Dmyclerk.patience=600"));
        command.addAll(options);
        command.addAll(List.of("-cp", distribution.resolve("lib") + "/*", "org.myclerk.runtime.NodeMain",
                "up",
                "--home", home.toString(), "--listen", "127.0.0.1:0", "--features", "demo", "--set",
                "core.node.name=kitchen"));
        return command;
    }

    /** Waits until it answers. */
    Endpoint ready() throws IOException {
        BufferedReader out = process.inputReader();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.startsWith(READY)) {
                return Endpoint.parse(line.substring(READY.length()).strip());
            }
        }
        throw new IOException("the node ended before it was ready");
    }

    /** Kills it, unless it has ended. */
    void kill() {
        if (process.isAlive()) {
            killed = true;
            process.destroyForcibly();
        }
    }

    boolean killed() {
        return killed;
    }

    /** Waits for its end; one that nobody caused is an error, told with the node's log. */
    void awaitKilled() throws IOException, InterruptedException {
        if (!process.waitFor(10, TimeUnit.MINUTES)) {
            throw new IOException("the node still runs");
        }
        if (!killed || process.exitValue() != KILLED) {
            throw new IOException("the node ended by itself, with status %d: %s".formatted(
                    process.exitValue(),
                    Files.readString(log)));
        }
    }
}
