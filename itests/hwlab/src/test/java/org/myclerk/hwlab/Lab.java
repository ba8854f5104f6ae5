package org.myclerk.hwlab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

import org.junit.jupiter.api.function.Executable;
import org.myclerk.api.device.Device;
import org.myclerk.api.device.DeviceSink;
import org.myclerk.api.device.DeviceSource;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.ProtocolException.Refused;

/** The outside world of the laboratory: its modules, simulated chips and stock tools. */
final class Lab {

    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final Path SIMULATED_CHIPS = Path.of("/sys/kernel/config/gpio-sim");

    private Lab() {
    }

    /** Runs a program and gives what it printed; it has to succeed. */
    static String run(String... command) {
        return Program.start(command).succeed();
    }

    static Program.Ended tryToRun(String... command) {
        return Program.start(command).end();
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
        return readAll(file).strip();
    }

    static String readAll(Path file) {
        try {
            return Files.readString(file);
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
        return new Chip(config, name, Path.of("/sys/devices/platform", read(config.resolve("dev_name")),
                name));
    }

    /** Waits for something that only looking can tell. */
    static void until(String what, BooleanSupplier holds) {
        until(() -> what, holds);
    }

    /** The same, which looks that often. */
    static void until(String what, Duration interval, BooleanSupplier holds) {
        until(() -> what, interval, holds);
    }

    static void until(Supplier<String> what, BooleanSupplier holds) {
        until(what, Duration.ofMillis(20), holds);
    }

    private static void until(Supplier<String> what, Duration interval, BooleanSupplier holds) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!holds.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, () -> "in vain: " + what.get());
            LockSupport.parkNanos(interval.toNanos());
        }
    }

    /** The driver object of a device, in this process: what a source tells of at its first look. */
    static <T> T driver(DeviceSource source, String id, Class<T> type) {
        Map<String, Device> found = new HashMap<>();
        source.start(new DeviceSink() {

            @Override
            public void appeared(Device device) {
                found.put(device.info().id(), device);
            }

            @Override
            public void vanished(String gone) {
                found.remove(gone);
            }
        });
        source.stop();
        return type.cast(found.get(id).driver());
    }

    static void refused(ErrorCode code, String part, Executable call) {
        Refused refusal = assertTimeoutPreemptively(PATIENCE, () -> assertThrows(Refused.class, call),
                () -> "a refusal with \"%s\"".formatted(part));
        assertEquals(code, refusal.code(), refusal.getMessage());
        assertTrue(refusal.getMessage().contains(part), refusal.getMessage());
    }
}
