package org.myclerk.hwlab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A program beside the test. What it says, errors with it, goes to a file, so that nobody waits in a read of
 * it; whoever waits for the program has a deadline and tells what it said until then.
 */
final class Program implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(120);

    private final String name;
    private final Process process;
    private final Path said;

    private Program(String name, Process process, Path said) {
        this.name = name;
        this.process = process;
        this.said = said;
    }

    /** What a program left behind: its output has the errors in it. */
    record Ended(int status, String output) {
    }

    static Program start(String... command) {
        return start(new ProcessBuilder(command));
    }

    /** Starts it in the folder and the environment of the builder. */
    static Program start(ProcessBuilder builder) {
        String name = String.join(" ", builder.command());
        try {
            Path said = Files.createTempFile("said", ".txt");
            return new Program(name, builder.redirectErrorStream(true).redirectOutput(said.toFile()).start(),
                    said);
        } catch (IOException e) {
            throw new AssertionError(name, e);
        }
    }

    long pid() {
        return process.pid();
    }

    /** Everything it said so far. */
    String said() {
        return Lab.readAll(said);
    }

    private String lately() {
        String said = said();
        return said.length() <= 2_000 ? said : "… " + said.substring(said.length() - 2_000);
    }

    /** Waits until it has said something, and goes on. */
    Program awaitSaying(String part) {
        Lab.until(() -> "\"%s\" says \"%s\", it said: %s".formatted(name, part, lately()), () -> {
            if (said().contains(part)) {
                return true;
            }
            if (!process.isAlive() && !said().contains(part)) {
                fail("\"%s\" ended with %d without \"%s\": %s".formatted(name, process.exitValue(), part,
                        lately()));
            }
            return false;
        });
        return this;
    }

    /** Waits until it ends by itself. */
    Ended end() {
        return end(PATIENCE);
    }

    private Ended end(Duration patience) {
        try {
            if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                fail("\"%s\" does not end within %d s, it said: %s".formatted(name, patience.toSeconds(),
                        lately()));
            }
            return new Ended(process.exitValue(), said());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for \"%s\", it said: %s".formatted(name,
                    lately()), e);
        } finally {
            close();
        }
    }

    /** Waits until it ends by itself, with success. @return what it said */
    String succeed() {
        return succeed(PATIENCE);
    }

    String succeed(Duration patience) {
        Ended ended = end(patience);
        assertEquals(0, ended.status, () -> name + ": " + ended.output);
        return ended.output;
    }

    /** Asks it to stop, as {@code kill} does, and waits until it has. */
    Ended stop() {
        process.destroy();
        return end();
    }

    /** Kills it if it still runs. */
    @Override
    public void close() {
        process.destroyForcibly();
        try {
            Files.deleteIfExists(said);
        } catch (IOException e) {
            throw new AssertionError(name, e);
        }
    }
}
