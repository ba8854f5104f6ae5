package org.myclerk.runtime.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.MalformedURLException;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.SocketException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

import org.myclerk.api.client.Peer;
import org.myclerk.api.node.Family;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.None;
import org.myclerk.api.transport.Endpoint;
import org.myclerk.core.crypto.CryptoProvider;
import org.myclerk.vendor.node.FeatureList;
import org.myclerk.vendor.node.FeatureState;
import org.myclerk.vendor.node.NodeInfo;
import org.myclerk.vendor.node.NodeOperations;
import picocli.CommandLine.Command;

/** Looks at what a node needs on this machine. */
@Command(name = "doctor", description = "Check what works here, what does not, and say what to do about it.",
        footer = {"", "Exit status 1 if something needs attention."})
final class DoctorCommand extends Task {

    private static final long LITTLE_SPACE = 100L << 20;
    private static final Duration SOON = Duration.ofDays(30);
    private static final Instant BUILT_AFTER = Instant.parse("2026-01-01T00:00:00Z");
    private static final String DISTRIBUTION = "myclerk.dist";

    private final List<Check> checks = new ArrayList<>();

    /**
     * What one look found.
     *
     * @param advice what to do, empty if nothing
     */
    private record Check(String name, boolean good, String found, String advice) {
    }

    @Override
    void run() throws Failure, InterruptedException {
        java();
        home();
        space();
        Optional<NodeInfo> node = node();
        clock(node);
        if (node.isEmpty()) {
            port();
        }
        serialPorts();
        canInterfaces(Path.of("/sys/class/net"), Path.of("/proc/self/status"));
        bus("gpio", "gpiochip\\d+", "gpio", "gpio");
        bus("i2c", "i2c-\\d+", "i2c-dev", "i2c");
        bus("spi", "spidev\\d+\\.\\d+", "spidev", "spi");
        library("zstd", "zstd-jni-", "com.github.luben.zstd.util.Native", "load");
        library("sqlite", "sqlite-jdbc-", "org.sqlite.SQLiteJDBCLoader", "initialize");
        library("serial", "jSerialComm-", "com.fazecast.jSerialComm.SerialPort", "getCommPorts");
        crypto();
        multicast();
        print();
    }

    private void print() throws Failure {
        long bad = checks.stream().filter(check -> !check.good()).count();
        if (json()) {
            out().println(Json.line(checks.stream().map(check -> {
                Map<String, Object> line = new LinkedHashMap<>();
                line.put("check", check.name());
                line.put("ok", check.good());
                line.put("found", check.found());
                line.put("advice", check.advice());
                return line;
            }).toList()));
        } else {
            for (Check check : checks) {
                out().println("%s  %-13s %s%s".formatted(check.good() ? "ok" : "!!", check.name(),
                        check.found(),
                        check.advice().isEmpty() ? "" : ": " + check.advice()));
            }
        }
        if (bad > 0) {
            throw new Failure("%d of %d checks need attention".formatted(bad, checks.size()));
        }
    }

    private void good(String name, String found) {
        checks.add(new Check(name, true, found, ""));
    }

    private void bad(String name, String found, String advice) {
        checks.add(new Check(name, false, found, advice));
    }

    private void java() {
        String version = "Java " + Runtime.version();
        if (Runtime.version().feature() >= 25) {
            good("java", version);
        } else {
            bad("java", version, "install a JDK 25, for example Temurin");
        }
    }

    private void home() {
        Path home = root().home();
        if (!Files.exists(home)) {
            good("home", home + " does not exist yet; myclerk up or myclerk join makes it");
        } else if (!Files.isDirectory(home)) {
            bad("home", home + " is not a folder", "name another with --home");
        } else if (!Files.isWritable(home) || !Files.isReadable(home)) {
            bad("home", home + " cannot be written", "chown -R \"$USER\" " + home);
        } else if (openToOthers(home)) {
            bad("home", home + " is open to others", "chmod 700 " + home);
        } else {
            good("home", home + " is yours alone");
        }
    }

    private static boolean openToOthers(Path home) {
        try {
            return !Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE,
                    PosixFilePermission.OWNER_EXECUTE).containsAll(Files.getPosixFilePermissions(home));
        } catch (IOException | UnsupportedOperationException _) {
            return false;
        }
    }

    private void space() {
        Path place = root().home();
        while (!Files.exists(place)) {
            place = place.getParent();
        }
        try {
            FileStore store = Files.getFileStore(place);
            long free = store.getUsableSpace();
            String found = "%,d MB free".formatted(free >> 20);
            if (free < LITTLE_SPACE) {
                bad("disk", found, "make room on the disk of " + place);
            } else {
                good("disk", found);
            }
        } catch (IOException unknown) {
            bad("disk", Main.message(unknown), "check the disk of " + place);
        }
    }

    private Optional<NodeInfo> node() throws InterruptedException {
        if (!Files.exists(root().home())) {
            good("node", "does not run");
            return Optional.empty();
        }
        try {
            if (!root().client().running()) {
                good("node", "does not run; start it with myclerk up");
                return Optional.empty();
            }
            Peer own = root().reach().own();
            NodeInfo info = own.call(NodeOperations.NODE_INFO, None.NONE);
            good("node", "%s runs for %s, at %s".formatted(info.name(),
                    When.between(Instant.ofEpochSecond(info.started()), Instant.now()),
                    String.join(" ", info.listening())));
            certificate(own.call(NodeOperations.NODE_FAMILY, None.NONE));
            features(own.call(NodeOperations.NODE_FEATURES, None.NONE));
            return Optional.of(info);
        } catch (Refused | IOException failed) {
            bad("node", Main.message(failed), "look into its log, or start it again");
            return Optional.empty();
        }
    }

    private void features(FeatureList features) {
        for (FeatureState feature : features.features()) {
            feature.problem().ifPresent(problem -> bad("feature", problem,
                    "bring its newer version with myclerk "
                    + "features upgrade FILE, or do without: myclerk features remove " + feature.name()));
        }
    }

    private void certificate(Family.State family) {
        Instant end = Instant.ofEpochSecond(family.certificateExpires());
        Instant now = Instant.now();
        String found = "of %s, until %s".formatted(family.name(), When.date(family.certificateExpires()));
        if (end.isBefore(now)) {
            bad("certificate", found + ", has ended", "join again with a new invitation");
        } else if (end.isBefore(now.plus(SOON))) {
            bad("certificate", found,
                    "connect to the node that has the root key, it is renewed there by itself");
        } else {
            good("certificate", found);
        }
        if (family.rootHere() && !family.rootLocked()) {
            good("root key", "here, without a passphrase; myclerk family passphrase sets one");
        }
    }

    private void clock(Optional<NodeInfo> node) {
        Instant now = Instant.now();
        if (now.isBefore(BUILT_AFTER)) {
            bad("clock", "it says " + now, "set it, or turn on NTP: timedatectl set-ntp true");
        } else if (node.isPresent() && !node.get().clockTrusted()) {
            bad("clock", "the node does not trust it", "set it, or turn on NTP: timedatectl set-ntp true");
        } else {
            good("clock", When.date(now.getEpochSecond()) + " UTC");
        }
    }

    private void port() {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(Endpoint.DEFAULT_PORT));
            good("port", Endpoint.DEFAULT_PORT + " is free");
        } catch (IOException taken) {
            bad("port", "%d is used by another program".formatted(Endpoint.DEFAULT_PORT),
                    "stop that, or choose one: myclerk up --listen [::]:5658");
        }
    }

    private void serialPorts() {
        List<Path> closed = new ArrayList<>();
        int count = 0;
        try (Stream<Path> devices = Files.list(Path.of("/dev"))) {
            for (Path device : devices.filter(path -> path.getFileName().toString()
                    .matches("tty(USB|ACM|AMA|S|THS|mxc)\\d+")).toList()) {
                count++;
                if (!Files.isReadable(device) || !Files.isWritable(device)) {
                    closed.add(device);
                }
            }
        } catch (IOException _) {
            good("serial ports", "this system has no /dev to look at");
            return;
        }
        if (closed.isEmpty()) {
            good("serial ports", count == 0 ? "none is plugged in" : count + ", all of them usable");
        } else {
            bad("serial ports", "%d of %d are closed to you, such as %s".formatted(closed.size(), count,
                    closed.getFirst()), "sudo usermod -aG dialout \"$USER\", then log in again");
        }
    }

    /**
     * Listening and sending need no rights; what an interface is set to does (ARPHRD_CAN, CAP_NET_ADMIN of
     * Linux).
     */
    private void canInterfaces(Path interfaces, Path status) {
        List<String> up = new ArrayList<>();
        List<String> down = new ArrayList<>();
        try (Stream<Path> all = Files.list(interfaces)) {
            for (Path each : all.sorted().toList()) {
                if (Files.readString(each.resolve("type")).strip().equals("280")) {
                    boolean isUp = (Integer.decode(Files.readString(each.resolve("flags")).strip()) & 1) != 0;
                    (isUp ? up : down).add(each.getFileName().toString());
                }
            }
            String rights = Files.readAllLines(status).stream().filter(line -> line.startsWith("CapEff:"))
                    .findFirst()
                    .orElse("CapEff: 0");
            boolean mayChange = (Long.parseUnsignedLong(rights.substring(7).strip(), 16) >> 12 & 1) != 0;
            if (down.isEmpty() || mayChange) {
                good("can", up.size() + down.size() == 0 ? "no interface is there"
                        : "%d up, %d down".formatted(up.size(), down.size()));
            } else {
                bad("can", "%s is down, and you may not bring it up".formatted(down.getFirst()),
                        ("sudo ip link set %s up"
                        + " type can bitrate 500000, or give the node CAP_NET_ADMIN (AmbientCapabilities "
                        + "in its service)")
                        .formatted(down.getFirst()));
            }
        } catch (IOException | NumberFormatException unknown) {
            good("can", "this system has no network devices to look at");
        }
    }

    /** @param files what the names of its files in {@code /dev} match */
    private void bus(String name, String files, String subsystem, String group) {
        try {
            DeviceFiles found = DeviceFiles.in(Path.of("/dev"), files);
            if (!found.closed().isEmpty()) {
                bad(name, "%d of %d are closed to you, such as %s".formatted(found.closed().size(),
                        found.count(),
                        found.closed().getFirst()), found.advice(subsystem, group));
            } else if (found.count() > 0) {
                good(name, found.count() + ", all of them usable");
            }
        } catch (IOException _) {
            // Not Linux: there are no such buses.
        }
    }

    /** Loads a native library as the node will, from the distribution if there is one. */
    private void library(String name, String jar, String type, String method) {
        try (URLClassLoader loader = new URLClassLoader(jars(jar), DoctorCommand.class.getClassLoader())) {
            Class.forName(type, true, loader).getMethod(method).invoke(null);
            good(name, "its native library loads");
        } catch (ReflectiveOperationException | LinkageError | IOException missing) {
            Throwable cause = missing.getCause() == null ? missing : missing.getCause();
            bad(name, "its native library does not load (%s)".formatted(String.valueOf(cause.getMessage())
                    .lines()
                    .findFirst().orElse(cause.getClass().getSimpleName())),
                    "check that java.io.tmpdir may hold programs: -Djava.io.tmpdir=DIR names another");
        }
    }

    /** Nodes do without libcrypto too; people who measure want to know. */
    private void crypto() {
        try (CryptoProvider libcrypto = CryptoProvider.of("libcrypto")) {
            good("crypto", libcrypto.name() + " encrypts when there is much to do");
        } catch (IOException missing) {
            good("crypto", "the JDK encrypts: " + missing.getMessage());
        }
    }

    private static URL[] jars(String prefix) throws IOException {
        String distribution = System.getProperty(DISTRIBUTION);
        if (distribution == null) {
            return new URL[0];
        }
        try (Stream<Path> files = Files.list(Path.of(distribution, "bundles"))) {
            List<URL> urls = new ArrayList<>();
            for (Path file
                    : files.filter(path -> path.getFileName().toString().startsWith(prefix)).toList()) {
                urls.add(url(file));
            }
            return urls.toArray(URL[]::new);
        }
    }

    private static URL url(Path file) throws MalformedURLException {
        return file.toUri().toURL();
    }

    private void multicast() {
        try {
            List<String> names = new ArrayList<>();
            for (NetworkInterface each : NetworkInterface.networkInterfaces().toList()) {
                if (each.isUp() && each.supportsMulticast() && !each.isLoopback() && !each.isPointToPoint()) {
                    names.add(each.getName());
                }
            }
            if (names.isEmpty()) {
                bad("nearby", "no network with multicast",
                        "connect to one, or name addresses: myclerk invite --at");
            } else {
                good("nearby", "multicast on " + String.join(", ", names));
            }
        } catch (SocketException unknown) {
            bad("nearby", Main.message(unknown), "check the network");
        }
    }
}
