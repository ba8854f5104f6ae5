package org.myclerk.hwlab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

import org.junit.jupiter.api.function.Executable;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.ProtocolException.Refused;

/** The outside world of the laboratory: its modules, simulated chips and stock tools. */
final class Lab {

    private static final Path SIMULATED_CHIPS = Path.of("/sys/kernel/config/gpio-sim");

    private Lab() {
    }

    /** Runs a program and gives what it printed; it has to succeed. */
    static String run(String... command) {
        Ended ended = tryToRun(command);
        assertEquals(0, ended.status, () -> String.join(" ", command) + ": " + ended.output);
        return ended.output;
    }

    /** What a program left behind: its output has the errors in it. */
    record Ended(int status, String output) {
    }

    static Ended tryToRun(String... command) {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes());
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                fail(String.join(" ", command) + " does not end");
            }
            return new Ended(process.exitValue(), output);
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(String.join(" ", command), e);
        }
    }

    /** Loads a module of the laboratory, if it is not. */
    static void load(String module, String... parameters) {
        if (!Files.exists(Path.of("/sys/module", module.replace('-', '_')))) {
            String[] command = Arrays.copyOf(new String[] {"insmod",
                System.getenv("LAB_MODULES") + "/" + module + ".ko"}, 2 + parameters.length);
            System.arraycopy(parameters, 0, command, 2, parameters.length);
            run(command);
        }
    }

    static void unload(String module) {
        run("rmmod", module);
    }

    static String read(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** A chip made by gpio-sim, and what is outside of it. */
    record Chip(Path config, String name, Path outside) implements AutoCloseable {

        /** What an output of the chip drives its line to. */
        String level(int line) {
            return read(outside.resolve("sim_gpio" + line).resolve("value"));
        }

        /** Pulls an input of the chip. */
        void pull(int line, boolean up) {
            write(pull(line), up ? "pull-up" : "pull-down");
        }

        Path pull(int line) {
            return outside.resolve("sim_gpio" + line).resolve("pull");
        }

        /** Takes the chip out of the machine. */
        @Override
        public void close() {
            if (Files.exists(config)) {
                write(config.resolve("live"), "0");
                run("rmdir", config + "/b0/line3", config + "/b0", config.toString());
            }
        }
    }

    /** Makes a chip of eight lines; line 3 is called "door". */
    static Chip chip(String label) {
        return chip(label, 8);
    }

    /** Makes a chip of so many lines. */
    static Chip chip(String label, int lines) {
        Path config = SIMULATED_CHIPS.resolve(label);
        try {
            Files.createDirectories(config.resolve("b0/line3"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        write(config.resolve("b0/num_lines"), Integer.toString(lines));
        write(config.resolve("b0/label"), label);
        write(config.resolve("b0/line3/name"), "door");
        write(config.resolve("live"), "1");
        String name = read(config.resolve("b0/chip_name"));
        return new Chip(config, name, Path.of("/sys/devices/platform", read(config.resolve("dev_name")), name));
    }

    /** Waits for something that only looking can tell. */
    static void until(String what, BooleanSupplier holds) {
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!holds.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, "in vain: " + what);
            LockSupport.parkNanos(20_000_000);
        }
    }

    static void refused(ErrorCode code, String part, Executable call) {
        Refused refusal = assertThrows(Refused.class, call);
        assertEquals(code, refusal.code(), refusal.getMessage());
        assertTrue(refusal.getMessage().contains(part), refusal.getMessage());
    }
}
