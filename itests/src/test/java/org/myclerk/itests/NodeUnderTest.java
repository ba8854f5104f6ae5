package org.myclerk.itests;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A node in a process of its own, over the jars of a distribution, whose bundles a test replaces. */
final class NodeUnderTest {

    private final Process process;
    private final Path log;
    private final BufferedReader answers;
    private final PrintWriter commands;

    /**
     * Starts it and waits until it listens.
     *
     * @param settings {@code PID:KEY=VALUE}, the PID without {@code org.myclerk.}
     */
    NodeUnderTest(Distribution distribution, Path home, String features, String... settings) throws Exception {
        log = home.resolveSibling("node.log");
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-Xmx256m", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "-cp",
                tests() + ":" + distribution.folder().resolve("lib") + "/*", "org.myclerk.runtime.ReplacedNode",
                distribution.folder().toString(), home.toString(), features));
        command.addAll(List.of(settings));
        process = new ProcessBuilder(command).redirectError(log.toFile()).start();
        answers = process.inputReader(StandardCharsets.UTF_8);
        commands = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
        answer();
    }

    private static Path tests() throws URISyntaxException {
        return Path.of(NodeUnderTest.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    String call(String command, Path... jars) throws IOException {
        StringBuilder line = new StringBuilder(command);
        for (Path jar : jars) {
            line.append('\t').append(jar);
        }
        commands.println(line);
        return answer();
    }

    /** Why a command was not carried out. */
    String refusal(String command, Path... jars) throws IOException {
        try {
            throw new IOException("carried out: " + call(command, jars));
        } catch (Refused refused) {
            return refused.getMessage();
        }
    }

    /** The node did not carry out a command. */
    private static final class Refused extends IOException {

        Refused(String why) {
            super(why);
        }
    }

    private String answer() throws IOException {
        String line = answers.readLine();
        if (line != null && line.startsWith("failed\t")) {
            throw new Refused(line.substring("failed\t".length()));
        }
        if (line == null || !line.startsWith("ok")) {
            throw new IOException("%s; its log: %s".formatted(line, Files.readString(log)));
        }
        return line.substring("ok".length()).strip();
    }

    void close() throws InterruptedException {
        commands.close();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }
}
