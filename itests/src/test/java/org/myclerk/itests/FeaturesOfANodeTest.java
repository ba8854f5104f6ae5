package org.myclerk.itests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Features come and go at a node of the real distribution, and whatever is wrong leaves it as it was. */
@Timeout(value = 6 * Distribution.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FeaturesOfANodeTest {

    private static final int ROUNDS = 6;

    private static final String TAKES_UNSIGNED = "--allow-unsigned";

    @TempDir
    Path folder;

    /**
     * A node runs only what it needs: the jars that the process has open, its classes, and what it takes of
     * the memory.
     */
    @Test
    void runsOnlyWhatItNeeds() throws Exception {
        assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")),
                "the system does not tell what a process has open");
        Distribution distribution = Distribution.built();
        Set<String> minimal;
        long resident;
        Heap heap;
        try (NodeProcess node = new NodeProcess(distribution, folder.resolve("small"), "--features",
                "minimal")) {
            minimal = openBundles(node.process(), distribution);
            heap = Heap.of(node.process());
            resident = resident(node.process());
        }
        try (NodeProcess node = new NodeProcess(distribution, folder.resolve("large"), "--features",
                "desktop,demo,conformance,pi")) {
            Set<String> full = openBundles(node.process(), distribution);
            assertTrue(full.containsAll(minimal), () -> full.toString());
            assertTrue(full.stream().anyMatch(name -> name.startsWith("org.myclerk.backend.")),
                    full::toString);
            Heap heapOfFull = Heap.of(node.process());
            long residentOfFull = resident(node.process());
            System.out.printf("minimal %d bundles, %d KiB of heap, %d KiB resident; full %d, %d, %d%n",
                    minimal.size(),
                    heap.bytes >> 10, resident, full.size(), heapOfFull.bytes >> 10, residentOfFull);
            assertTrue(heap.bytes < heapOfFull.bytes,
                    "%d bytes of heap, %d with everything".formatted(heap.bytes,
                    heapOfFull.bytes));
            assertEquals(List.of(), heap.hardware(), "no object of a capability or a driver is there");
            assertTrue(heapOfFull.hardware().size() > 20, () -> heapOfFull.hardware().toString());
        }
        String base = Files.readString(distribution.folder().resolve("features/base.json"));
        assertEquals(Set.of(), minimal.stream().filter(jar -> jars(base).noneMatch(jar::equals))
                .collect(Collectors.toSet()), "no bundle beside those of the base is open");
    }

    /** The objects of a process that live after a collection, by jcmd. */
    private record Heap(long bytes, List<String> classes) {

        private static final Pattern HARDWARE = Pattern.compile(
                "org\\.myclerk\\.(backend\\.|device\\.|op\\.(serial|gpio|i2c|spi|can|onewire)\\.).*");

        static Heap of(Process process) throws IOException, InterruptedException {
            Process jcmd = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin/jcmd").toString(),
                    Long.toString(process.pid()), "GC.class_histogram").redirectErrorStream(true).start();
            List<String> lines = jcmd.inputReader().readAllLines();
            assertEquals(0, jcmd.waitFor(), lines::toString);
            long bytes = lines.stream().filter(line -> line.startsWith("Total")).findFirst()
                    .map(line -> Long.parseLong(line.strip().split(" +")[2])).orElseThrow();
            return new Heap(bytes, lines.stream().map(line -> line.strip().split(" +")).filter(words ->
                    words.length >= 4).map(words -> words[3]).toList());
        }

        /** Those of the capabilities for hardware and of their drivers. */
        List<String> hardware() {
            return classes.stream().filter(name -> HARDWARE.matcher(name).matches()).toList();
        }
    }

    /** The jars that a feature file names. */
    private static Stream<String> jars(String feature) {
        return Pattern.compile("\"id\": *\"[^\":]+:([^\":]+):([^\":]+)\"")
                .matcher(feature.substring(feature.indexOf("\"bundles\""))).results()
                .map(id -> id.group(1) + "-" + id.group(2) + ".jar");
    }

    private static Set<String> openBundles(Process process, Distribution distribution) throws IOException {
        Path bundles = distribution.folder().resolve("bundles").toRealPath();
        var open = new TreeSet<String>();
        try (Stream<Path> files = Files.list(Path.of("/proc/%d/fd".formatted(process.pid())))) {
            for (Path file : files.toList()) {
                Path target = Files.isSymbolicLink(file) ? Files.readSymbolicLink(file) : file;
                if (target.startsWith(bundles)) {
                    open.add(target.getFileName().toString());
                }
            }
        }
        return open;
    }

    /** Resident memory in KiB. */
    private static long resident(Process process) throws IOException {
        return Files.readAllLines(Path.of("/proc/%d/status".formatted(process.pid()))).stream()
                .filter(line -> line.startsWith("VmRSS:")).mapToLong(line ->
                Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst().orElseThrow();
    }

    @Test
    void installsConfiguresRemovesAndRemembers() throws Exception {
        Path home = folder.resolve("home");
        try (NodeProcess node = new NodeProcess(Distribution.built(), home, "--features", "minimal")) {
            assertTrue(node.fail("call", "self", "conformance.echo", "data=hex:00")
                    .contains("no table conformance"));
            assertTrue(node.fail("features", "install", "nonsense").contains("there is no feature nonsense"));
            node.succeed("features", "install", "conformance");
            assertTrue(node.succeed("features").toString().matches(".*conformance +\\S+ +installed.*"));
            assertTrue(node.succeed("ops", "self", "conformance").toString().contains("conformance."));
            assertTrue(node.fail("features", "install", "conformance")
                    .contains("installed already: conformance"));

            node.succeed("config", "devices.graceSeconds=45");
            assertTrue(node.succeed("config", "devices").toString().contains("45 *"));
            assertEquals(
                    "myclerk: 0x10 BAD_REQUEST: org.myclerk.devices graceSeconds must be a whole number "
                    + "from 0 to "
                    + "86400, not \"soon\"", node.fail("config", "devices.graceSeconds=soon"));
            assertEquals(
                    "myclerk: 0x10 BAD_REQUEST: org.myclerk.devices has no setting grace; it has: "
                    + "graceSeconds", node.fail("config", "devices.grace=1"));
            node.kill();
        }
        try (NodeProcess node = new NodeProcess(Distribution.built(), home)) {
            assertTrue(node.succeed("config", "devices").toString().contains("45 *"));
            assertTrue(node.succeed("features").toString().matches(".*conformance +\\S+ +installed.*"));
            node.succeed("features", "remove", "conformance");
            assertTrue(node.fail("call", "self", "conformance.echo").contains("no table conformance"));
            assertTrue(node.fail("call", "self", "0xF000", "data=hex:00").contains("0x13 NOT_FOUND"));
            node.succeed("features", "rollback");
            assertTrue(node.succeed("features", "history").toString()
                    .contains("rollback of \"remove conformance\""));
            assertTrue(node.succeed("features").toString().matches(".*conformance +\\S+ +installed.*"));
        }
    }

    @Test
    void refusesBadFilesInOneLineAndChangesNothing() throws Exception {
        try (NodeProcess node = new NodeProcess(Distribution.built(), folder.resolve("home"), "--features",
                "minimal")) {
            List<String> before = node.succeed("features");
            Path noJar = Files.writeString(folder.resolve("no.jar"), "not a jar");
            assertRefused(node, "no.jar is damaged or no jar: ", noJar);
            Path whole = bundle("lamp", "1.0", "Import-Package",
                    "org.myclerk.api.operation;version=\"[1.0,2)\"");
            byte[] bytes = Files.readAllBytes(whole);
            Path cut = Files.write(folder.resolve("cut.jar"), Arrays.copyOf(bytes, bytes.length - 20));
            assertRefused(node, "cut.jar is damaged or no jar: ", cut);
            Path noBundle = jar("plain.jar", new Manifest());
            assertRefused(node, "plain.jar is no bundle: its manifest has no Bundle-SymbolicName", noBundle);
            assertRefused(node,
                    "newer 1.0.0 needs the package org.myclerk.api.operation in a version from 99.0.0 on "
                    + "and below 100.0.0; here it is there in version 1.",
                    bundle("newer", "1.0", "Import-Package",
                    "org.myclerk.api.operation;version=\"[99,100)\""));
            assertRefused(node,
                    "peeks 1.0.0 needs the package org.myclerk.core.session, which nothing here offers",
                    bundle("peeks", "1.0", "Import-Package", "org.myclerk.core.session"));
            assertRefused(node, "thief 1.0.0 serves 0xFE10-0xFE1F (thief), but org.myclerk.vendor.node ",
                    bundle("org.myclerk.thief", "1.0", "Provide-Capability",
                            "org.myclerk.operation;name=thief;first:Long=65040;last:Long=65055"));
            assertRefused(node,
                    "stranger 1.0.0 serves 0x0600-0x060F (stranger); a vendor's operations lie in ",
                    bundle("stranger", "1.0", "Provide-Capability",
                            "org.myclerk.operation;name=stranger;first:Long=1536;last:Long=1551"));
            assertRefused(node, "odd.json: the key \"bundels\" is unknown; known are ", Files.writeString(
                    folder.resolve("odd.json"), "{ \"id\": \"x:odd:1\", \"bundels\": [] }"));
            assertRefused(node, "features require each other in a circle: odd, odd", Files.writeString(
                    folder.resolve("odd.json"), "{ \"id\": \"x:odd:1\", \"myclerk:requires\": [\"odd\"] }"));
            assertRefused(node, "org.myclerk.devices has no setting grace; it has: graceSeconds",
                    Files.writeString(
                    folder.resolve("odd.json"),
                    "{ \"id\": \"x:odd:1\", \"configurations\": { \"org.myclerk.devices\": "
                            + "{ \"grace:Integer\": 1 } } }"));
            assertRefused(node,
                    "org.myclerk.devices graceSeconds must be a whole number from 0 to 86400, not \"-1\"",
                    Files.writeString(folder.resolve("odd.json"),
                    "{ \"id\": \"x:odd:1\", \"configurations\": { "
                            + "\"org.myclerk.devices\": { \"graceSeconds:Integer\": -1 } } }"));
            assertEquals(before, node.succeed("features"));
            assertEquals(List.of(), installedJars(node));
            assertEquals(
                    "myclerk: 0x10 BAD_REQUEST: lamp-1.0.jar is not signed; if you know where it comes from, "
                    + "install it with --allow-unsigned", node.fail("features", "install", whole.toString()));
            node.succeed("features", "install", TAKES_UNSIGNED, whole.toString());
            assertEquals(1, installedJars(node).size());
        }
    }

    private void assertRefused(NodeProcess node, String beginning, Path file) throws Exception {
        String line = node.fail("features", "install", TAKES_UNSIGNED, file.toString());
        assertTrue(line.contains(": " + beginning) || line.contains("." + beginning), line);
    }

    /** The distribution was replaced, and a bundle from outside does not fit into it any more. */
    @Test
    void startsWithoutWhatNoLongerFits() throws Exception {
        Path home = folder.resolve("home");
        Path lamp = bundle("lamp", "1.0", "Import-Package", "org.myclerk.vendor.conformance");
        try (NodeProcess node = new NodeProcess(Distribution.built(), home, "--features",
                "minimal,conformance")) {
            node.succeed("features", "install", TAKES_UNSIGNED, lamp.toString());
        }
        Distribution next = Distribution.built().copy(folder.resolve("next"));
        Files.writeString(next.folder().resolve("features/conformance.json"),
                "{ \"id\": \"org.myclerk:org.myclerk.feature.conformance:2\", \"bundles\": [] }");
        try (NodeProcess node = new NodeProcess(next, home)) {
            String why = "lamp needs the package org.myclerk.vendor.conformance, which no bundle here offers";
            assertTrue(node.log().contains(why + "; the node runs without it"), node.log());
            assertTrue(node.succeed("features").toString().matches(
                    ".*lamp +1\\.0\\.0 +installed, from outside, does not run.*"));
            assertTrue(node.succeed("features", "info", "lamp").contains("problem    " + why));
            Distribution.Ended doctor = node.run("doctor");
            assertTrue(doctor.output().stream().anyMatch(line -> line.startsWith("!!  feature       " + why)),
                    doctor.output()::toString);
            node.succeed("features", "remove", "lamp");
            assertFalse(node.succeed("features").toString().contains("lamp"));
        }
    }

    /** The distribution was replaced, and a component from outside waits for a service that has gone. */
    @Test
    void startsWithoutWhatWaitsForAService() throws Exception {
        Path home = folder.resolve("home");
        String service = "org.myclerk.api.device.DeviceSource";
        Manifest manifest = manifest("lamp", "1.0", "Service-Component", "OSGI-INF/lamp.xml");
        manifest.getMainAttributes().putValue("Require-Capability",
                "osgi.service;filter:=\"(objectClass=%s)\";effective:=active".formatted(service));
        Path lamp = jar("lamp-1.0.jar", manifest, "OSGI-INF/lamp.xml", """
                <component xmlns="http://www.osgi.org/xmlns/scr/v1.3.0" name="lamp.Light" immediate="true">
                  <implementation class="java.lang.Object"/>
                  <reference name="source" interface="%s"/>
                </component>
                """.formatted(service).getBytes(UTF_8));
        try (NodeProcess node = new NodeProcess(Distribution.built(), home, "--features", "minimal,demo")) {
            node.succeed("features", "install", TAKES_UNSIGNED, lamp.toString());
            assertFalse(node.succeed("features").toString().contains("does not run"));
        }
        Distribution next = Distribution.built().copy(folder.resolve("next"));
        Files.writeString(next.folder().resolve("features/demo.json"),
                "{ \"id\": \"org.myclerk:org.myclerk.feature.demo:2\", \"bundles\": [] }");
        try (NodeProcess node = new NodeProcess(next, home)) {
            String why = "lamp: lamp.Light waits for the service " + service;
            assertTrue(node.log().contains(why), node.log());
            assertTrue(node.log().contains("; the node runs without it"), node.log());
            assertTrue(node.succeed("features").toString().matches(
                    ".*lamp +1\\.0\\.0 +installed, from outside, does not run.*"));
            Matcher remedy = Pattern.compile("problem    " + Pattern.quote(why)
                    + "; the feature (\\w+) has it: myclerk features install (\\w+)")
                    .matcher(node.succeed("features", "info", "lamp").toString());
            assertTrue(remedy.find());
            Distribution.Ended doctor = node.run("doctor");
            assertTrue(doctor.output().stream().anyMatch(line -> line.startsWith("!!  feature       " + why)),
                    doctor.output()::toString);
            node.succeed("features", "install", remedy.group(2));
            assertFalse(node.succeed("features").toString().contains("does not run"), "its service is there");
            node.succeed("features", "remove", "lamp");
        }
    }

    /** The disk is full in the middle of an install. */
    @Test
    void survivesAFullDisk() throws Exception {
        Path disk = Files.createDirectory(folder.resolve("disk"));
        boolean mounted = command("mount", "-t", "tmpfs", "-o", "size=3m,mode=700", "tmpfs",
                disk.toString()) == 0;
        if (!mounted && Boolean.getBoolean("myclerk.required") && System.getProperty("user.name")
                .equals("root")) {
            throw new AssertionError("no small file system can be mounted");
        }
        assumeTrue(mounted, "no small file system can be mounted here");
        try (NodeProcess node = new NodeProcess(Distribution.built(), folder.resolve("home"), "--features",
                "minimal")) {
            Path installed = node.home().resolve("installed");
            List<String> before = node.succeed("features");
            assertEquals(0, command("cp", "-a", installed + "/.", disk.toString()));
            assertEquals(0, command("mount", "--bind", disk.toString(), installed.toString()));
            try {
                Files.write(installed.resolve("filler.jar"), new byte[2 << 20]);
                Path large = large(4 << 20);
                String line = node.fail("features", "install", TAKES_UNSIGNED, large.toString());
                assertTrue(line.endsWith("0x20 INTERNAL_ERROR: No space left on device"), line);
                assertEquals(before, node.succeed("features"));
                node.succeed("features", "install", "conformance");
            } finally {
                command("umount", installed.toString());
            }
        } finally {
            command("umount", disk.toString());
        }
    }

    /** A node that is killed at any moment comes back with what was or with what was to be. */
    @Test
    void survivesBeingKilledAtAnyMoment() throws Exception {
        Path home = folder.resolve("home");
        Path lamp = bundle("lamp", "1.0", "Import-Package", "org.myclerk.api.operation;version=\"[1.0,2)\"");
        Random random = new Random(20);
        int before = 0;
        int after = 0;
        for (int round = 0; round < ROUNDS; round++) {
            try (NodeProcess node = new NodeProcess(Distribution.built(), home, "--features", "minimal")) {
                boolean lit = node.succeed("features").toString().contains("lamp ");
                Process command = lit
                        ? Distribution.built().start(folder.resolve("command"), "features", "remove", "lamp",
                        "--home",
                                home.toString())
                        : Distribution.built().start(folder.resolve("command"), "features", "install",
                        TAKES_UNSIGNED,
                                lamp.toString(), "--home", home.toString());
                command.waitFor(600 + random.nextInt(1400), TimeUnit.MILLISECONDS);
                node.kill();
                command.destroyForcibly().waitFor();
                boolean acknowledged = command.exitValue() == 0;
                try (NodeProcess again = new NodeProcess(Distribution.built(), home, "--features",
                        "minimal")) {
                    boolean now = again.succeed("features").toString().contains("lamp ");
                    if (acknowledged) {
                        assertEquals(!lit, now, "what was acknowledged holds, round " + round);
                    }
                    if (now == lit) {
                        before++;
                    } else {
                        after++;
                    }
                    String info = now ? again.succeed("features", "info", "lamp").toString() : "runs";
                    assertTrue(info.contains("runs"), info);
                    again.kill();
                }
            }
        }
        assertEquals(ROUNDS, before + after);
    }

    private static List<Path> installedJars(NodeProcess node) throws IOException {
        try (Stream<Path> files = Files.list(node.home().resolve("installed"))) {
            return files.filter(file -> file.toString().endsWith(".jar")).toList();
        }
    }

    private static int command(String... words) throws IOException, InterruptedException {
        return new ProcessBuilder(words).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor();
    }

    private Path bundle(String name, String version, String header, String value) throws IOException {
        return jar("%s-%s.jar".formatted(name, version), manifest(name, version, header, value));
    }

    private static Manifest manifest(String name, String version, String header, String value) {
        var manifest = new Manifest();
        Attributes main = manifest.getMainAttributes();
        main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        main.putValue("Bundle-ManifestVersion", "2");
        main.putValue("Bundle-SymbolicName", name);
        main.putValue("Bundle-Version", version);
        main.putValue(header, value);
        return manifest;
    }

    private Path jar(String name, Manifest manifest) throws IOException {
        Path jar = folder.resolve(name);
        new JarOutputStream(Files.newOutputStream(jar), manifest).close();
        return jar;
    }

    private Path jar(String name, Manifest manifest, String entry, byte[] content) throws IOException {
        Path jar = folder.resolve(name);
        try (var out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
            out.putNextEntry(new ZipEntry(entry));
            out.write(content);
        }
        return jar;
    }

    /** A bundle that fills a disk. */
    private Path large(int size) throws IOException {
        var bytes = new byte[size];
        new Random(1).nextBytes(bytes);
        return jar("large-1.0.jar", manifest("large", "1.0", "X-Size", "large"), "noise", bytes);
    }
}
