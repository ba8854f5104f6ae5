package org.myclerk.itests;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The built distribution, and processes of it. */
final class Distribution {

    /** How long anything may take before a test gives up. */
    static final long SECONDS = 60;

    /** What a process that has ended left behind. */
    record Ended(int status, List<String> output, List<String> errors) { }

    private final Path folder;
    private final Map<String, String> environment;

    Distribution(Path folder) {
        this(folder, Map.of());
    }

    private Distribution(Path folder, Map<String, String> environment) {
        this.folder = folder;
        this.environment = environment;
    }

    /** The same, whose processes have variables beside those of the test. */
    Distribution with(Map<String, String> variables) {
        return new Distribution(folder, variables);
    }

    /** The root of the project. */
    static Path root() {
        return Path.of(System.getProperty("myclerk.root")).toAbsolutePath();
    }

    /** The one in {@code runtime/target}. */
    static Distribution built() throws IOException {
        try (Stream<Path> files = Files.list(root().resolve("runtime/target"))) {
            return files.filter(path -> Files.isDirectory(path.resolve("bundles"))).findFirst()
                    .map(Distribution::new)
                    .orElseThrow(() -> new IOException("no distribution is built; build runtime first"));
        }
    }

    /** A copy to which files can be added. */
    Distribution copy(Path to) throws IOException {
        for (String name : List.of("bin", "lib", "bundles", "features")) {
            Files.createDirectories(to.resolve(name));
            for (Path file : files(name)) {
                Files.copy(file, to.resolve(name).resolve(file.getFileName()),
                        StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
        return new Distribution(to);
    }

    Path folder() {
        return folder;
    }

    List<Path> files(String name) throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve(name))) {
            return files.sorted().toList();
        }
    }

    /** Starts {@code bin/myclerk}; its standard error goes to a file. */
    Process start(Path errors, String... arguments) throws IOException {
        var command = new ArrayList<String>();
        command.add(folder.resolve("bin/myclerk").toString());
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command).redirectError(errors.toFile());
        builder.environment().putAll(environment);
        return builder.start();
    }

    /** Runs {@code bin/myclerk} to its end. */
    Ended run(Path errors, String... arguments) throws IOException, InterruptedException {
        return end(start(errors, arguments), errors);
    }

    /** Waits for a process to end by itself. */
    static Ended end(Process process, Path errors) throws IOException, InterruptedException {
        return end(process, errors, SECONDS);
    }

    /** Waits for a process to end by itself; what it prints must fit into a pipe. */
    static Ended end(Process process, Path errors, long seconds) throws IOException, InterruptedException {
        if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IOException("still running after %d s: %s".formatted(seconds,
                    Files.readString(errors)));
        }
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            return new Ended(process.exitValue(), out.lines().toList(), Files.readAllLines(errors));
        }
    }
}
