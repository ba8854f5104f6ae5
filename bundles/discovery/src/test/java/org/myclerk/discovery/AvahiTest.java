package org.myclerk.discovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Avahi, in a network namespace of its own, hears us and we hear it. Needs root, {@code ip},
 * {@code dbus-daemon}, {@code avahi-daemon}, {@code avahi-browse}, {@code avahi-publish}; without them it is
 * skipped, or fails if {@code -Dmyclerk.required=true}.
 */
@Timeout(120)
class AvahiTest {

    private static final String REST = "3c4d5e6f708192a3b4c5d6e7f809";
    private static final String OTHER = "99887766554433221100ffeeddccbbaa";
    private static final List<String> PROGRAMS =
            List.of("ip", "sh", "mount", "dbus-daemon", "avahi-daemon", "avahi-browse", "avahi-publish");

    private static final String OURS = "mco" + ProcessHandle.current().pid();
    private static final String THEIRS = "mct" + ProcessHandle.current().pid();
    private static final List<Running> DAEMONS = new ArrayList<>();

    @TempDir
    private static Path folder;

    private final List<Running> running = new ArrayList<>();

    /** A process of ours with the lines it writes. */
    private record Running(Process process, BlockingQueue<String> lines) implements AutoCloseable {

        static Running start(String... command) throws IOException {
            ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
            builder.environment().put("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=" + folder.resolve("bus"));
            builder.environment().put("LC_ALL", "C");
            Process process = builder.start();
            BlockingQueue<String> lines = new LinkedBlockingQueue<>();
            Thread.ofVirtual().start(() -> {
                try (BufferedReader reader = process.inputReader()) {
                    reader.lines().forEach(lines::add);
                } catch (IOException | UncheckedIOException ended) {
                    lines.add(ended.toString());
                }
            });
            return new Running(process, lines);
        }

        String await(String what, Predicate<String> wanted) throws InterruptedException {
            List<String> seen = new ArrayList<>();
            for (String line = next(); line != null; line = next()) {
                seen.add(line);
                if (wanted.test(line)) {
                    return line;
                }
            }
            return fail("no " + what + ", but:\n" + String.join("\n", seen));
        }

        private String next() throws InterruptedException {
            return lines.poll(40, TimeUnit.SECONDS);
        }

        @Override
        public void close() {
            process.destroy();
            try {
                if (!process.waitFor(10, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException _) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
    }

    @BeforeAll
    static void makeTwoNetworks() throws Exception {
        require("root".equals(System.getProperty("user.name")), "only root can make network namespaces");
        for (String program : PROGRAMS) {
            require(installed(program),
                    "needs " + program + ": apt-get install avahi-daemon avahi-utils dbus iproute2");
        }
        run("ip", "netns", "add", OURS);
        run("ip", "netns", "add", THEIRS);
        run("ip", "link", "add", "mc0", "netns", OURS, "type", "veth", "peer", "name", "mc0", "netns",
                THEIRS);
        connect(OURS, "10.77.0.1/24");
        connect(THEIRS, "10.77.0.2/24");
        Files.writeString(folder.resolve("bus.conf"), """
                <!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
                 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
                <busconfig><type>system</type><listen>unix:path=%s</listen><auth>EXTERNAL</auth>
                <policy context="default"><allow user="*"/><allow own="*"/>
                <allow send_type="method_call"/><allow send_type="signal"/>
                <allow send_requested_reply="true" send_type="method_return"/>
                <allow send_requested_reply="true" send_type="error"/>
                <allow receive_type="method_call"/><allow receive_type="signal"/>
                <allow receive_type="method_return"/><allow receive_type="error"/></policy></busconfig>
                """.formatted(folder.resolve("bus")));
        Files.writeString(folder.resolve("avahi.conf"), """
                [server]
                use-ipv6=no
                allow-interfaces=mc0
                host-name=second
                """);
        Running bus = Running.start("ip", "netns", "exec", THEIRS, "dbus-daemon", "--nofork", "--nopidfile",
                "--print-address=1", "--config-file=" + folder.resolve("bus.conf"));
        DAEMONS.add(bus);
        bus.await("bus", line -> line.startsWith("unix:path="));
        // "ip netns exec" gives it mounts of its own, so that the machine's Avahi and its files stay.
        Running avahi = Running.start("ip", "netns", "exec", THEIRS, "sh", "-c", """
                mount -t tmpfs none /run && mkdir /run/avahi-daemon && exec avahi-daemon -f "$1" \
                --no-drop-root --no-chroot --no-rlimits --no-proc-title""", "sh",
                folder.resolve("avahi.conf").toString());
        DAEMONS.add(avahi);
        avahi.await("Avahi", line -> line.contains("Server startup complete"));
    }

    @AfterAll
    static void removeThem() throws Exception {
        DAEMONS.reversed().forEach(Running::close);
        for (String namespace : List.of(OURS, THEIRS)) {
            if (Files.exists(Path.of("/run/netns", namespace))) {
                run("ip", "netns", "delete", namespace);
            }
        }
    }

    @AfterEach
    void end() {
        running.reversed().forEach(Running::close);
    }

    @Test
    void isSeenByAvahiWithItsPortAndWords() throws Exception {
        announcing("1a2b" + REST, 45678);
        String record = browsing().await("record", line -> line.startsWith("=") && line.contains(";45678;"));
        String[] fields = record.split(";");
        assertEquals("kitchen-pi-1a2b", fields[3].replace("\\045", "-"));
        assertEquals("_myclerk._tcp", fields[4]);
        assertEquals("10.77.0.1", fields[7]);
        assertTrue(fields[9].contains("\"v=0\"") && fields[9].contains("\"p=1\"")
                && fields[9].contains("\"id=1a2b" + REST + "\""), record);
    }

    @Test
    void hearsOfANodeThatAvahiPublishesAndOfItsEnd() throws Exception {
        Running ours = announcing("2b3c" + REST, 45679);
        Running theirs = inTheirs("avahi-publish", "-s", "attic-9988", "_myclerk._tcp", "1234", "v=0", "p=1",
                "id=" + OTHER);
        ours.await("node", ("heard " + OTHER + " 10.77.0.2:1234")::equals);
        String near = nearby(ours);
        assertTrue(near.startsWith("nearby attic@[") && near.contains("10.77.0.2:1234"), near);
        theirs.close();
        String last = nearby(ours);
        for (int tries = 0; tries < 60 && !last.equals("nearby "); tries++) {
            ours.lines.poll(500, TimeUnit.MILLISECONDS);
            last = nearby(ours);
        }
        assertEquals("nearby ", last);
    }

    @Test
    void followsItsAddressAndTakesItsAnnouncementBack() throws Exception {
        Running ours = announcing("3c4d" + REST, 45680);
        browsing().await("record", line -> line.contains("10.77.0.1;45680;"));
        try {
            run("ip", "-n", OURS, "addr", "flush", "dev", "mc0");
            connect(OURS, "10.77.0.3/24");
            // One that browses already does not ask again for the address of a service that it has seen.
            boolean followed = false;
            for (long begin = System.nanoTime(); !followed && System.nanoTime() - begin < 40_000_000_000L;) {
                Running once = inTheirs("avahi-browse", "-rtp", "_myclerk._tcp");
                assertTrue(once.process.waitFor(10, TimeUnit.SECONDS));
                followed = once.lines.stream().anyMatch(line -> line.contains("10.77.0.3;45680;"));
            }
            assertTrue(followed);
            Running browser = browsing();
            browser.await("record", line -> line.startsWith("=") && line.contains("10.77.0.3;45680;"));
            ours.process.outputWriter().close();
            assertEquals("left ", ours.await("end", line -> line.startsWith("left")));
            browser.await("goodbye", line -> line.startsWith("-") && line.contains("3c4d"));
        } finally {
            run("ip", "-n", OURS, "addr", "flush", "dev", "mc0");
            connect(OURS, "10.77.0.1/24");
        }
    }

    private Running announcing(String id, int port) throws IOException {
        Running ours = Running.start("ip", "netns", "exec", OURS,
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp", System.getProperty("java.class.path"), Announcing.class.getName(), id,
                Integer.toString(port));
        running.add(ours);
        return ours;
    }

    private Running browsing() throws IOException {
        return inTheirs("avahi-browse", "-rp", "_myclerk._tcp");
    }

    private Running inTheirs(String... command) throws IOException {
        List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", THEIRS));
        all.addAll(List.of(command));
        Running theirs = Running.start(all.toArray(String[]::new));
        running.add(theirs);
        return theirs;
    }

    private static String nearby(Running ours) throws Exception {
        ours.process.outputWriter().write("\n");
        ours.process.outputWriter().flush();
        return ours.await("answer", line -> line.startsWith("nearby"));
    }

    private static void connect(String namespace, String address) throws Exception {
        run("ip", "-n", namespace, "addr", "add", address, "dev", "mc0");
        run("ip", "-n", namespace, "link", "set", "mc0", "up");
        run("ip", "-n", namespace, "route", "replace", "default", "dev", "mc0");
    }

    private static void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        assertEquals(0, process.waitFor(), String.join(" ", command) + ": " + output);
    }

    private static boolean installed(String program) {
        return List.of("/usr/sbin", "/usr/bin", "/sbin", "/bin").stream()
                .anyMatch(place -> Files.isExecutable(Path.of(place, program)));
    }

    /** Skips the test, or fails where skipping is not allowed. */
    private static void require(boolean condition, String need) {
        if (!condition && Boolean.getBoolean("myclerk.required")) {
            fail(need);
        } else if (!condition) {
            abort(need);
        }
    }
}
