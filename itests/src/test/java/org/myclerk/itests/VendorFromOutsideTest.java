package org.myclerk.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Bundles that vendors built without our sources come into a running node, and leave it. */
@Timeout(value = 6 * Distribution.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class VendorFromOutsideTest {

    private static final String NO_TABLE = "has no table chime";

    @TempDir
    static Path vendor;

    private static VendorTools tools;
    private static Path chime;
    private static Path ports;

    @TempDir
    Path folder;

    @BeforeAll
    static void build() throws Exception {
        tools = new VendorTools(vendor);
        chime = tools.build("chime");
        ports = tools.build("ports");
    }

    @Test
    void worksOnceItsVendorIsTrustedAndIsRemovedWithoutTrace() throws Exception {
        Path unsigned = Files.copy(chime, folder.resolve("chime.jar"));
        Path signed = Files.copy(chime, folder.resolve("signed.jar"));
        tools.sign(signed, "bell");
        String fingerprint = tools.fingerprint("bell");
        try (NodeProcess node = new NodeProcess(Distribution.built(), folder.resolve("home"), "--features",
                "minimal")) {
            Path dropped = node.home().resolve("extensions/chime.jar");
            assertEquals(
                    "myclerk: 0x10 BAD_REQUEST: chime.jar is not signed; if you know where it comes from, "
                    + "install "
                    + "it with --allow-unsigned", node.fail("features", "install", unsigned.toString()));
            assertEquals(
                    "myclerk: 0x10 BAD_REQUEST: signed.jar is signed by CN=bell, who is not trusted here; "
                    + "if that is "
                    + "the vendor's fingerprint: myclerk features trust " + fingerprint,
                    node.fail("features", "install", signed.toString()));

            Files.copy(signed, dropped);
            VendorTools.await("the log says why", () -> node.run("features").status() == 0
                    && node.log().contains("extensions: chime.jar is signed by CN=bell"));
            assertTrue(node.fail("call", "self", "chime.count").contains(NO_TABLE));
            node.succeed("features", "trust", fingerprint);
            assertTrue(node.succeed("ops", "self", "chime").toString().contains("Ring the chime"));
            assertTrue(node.succeed("ops", "self", "chime.ring").toString().contains("how often"));
            assertTrue(node.succeed("ops", "self", "chime").toString().contains("It rings (event)"));
            assertEquals(List.of("chime.count", "chime.ring"), complete(node, "call", "self", "chime."));
            assertEquals(List.of("chime.count", "chime.ring", "chime.rung"),
                    complete(node, "watch", "self", "chime."));
            assertEquals(List.of("times="), complete(node, "watch", "self", "chime.ring", "t"));
            assertEquals(List.of("{\"@event\":\"chime.rung\",\"count\":1}",
                    "{\"@event\":\"chime.rung\",\"count\":2}",
                    "{\"count\":2}"), watch(node, 3, "chime.ring", "times=2"));
            assertTrue(node.fail("call", "self", "chime.ring", "times=11").contains("times"));

            altered(signed);
            assertTrue(node.fail("features", "install", signed.toString())
                    .contains("signed.jar was altered after it "
                    + "was signed"));
            Path other = Files.copy(chime, folder.resolve("other.jar"));
            tools.sign(other, "rival");
            node.succeed("features", "trust", other.toString());
            assertTrue(node.fail("features", "install", other.toString()).contains(
                    "other.jar would replace a bundle that CN=bell"));

            Files.delete(dropped);
            VendorTools.await("it is removed", () -> node.run("call", "self", "chime.count").errors()
                    .toString()
                    .contains(NO_TABLE));
            assertTrue(node.succeed("features").stream().noneMatch(line -> line.contains("chime")));
            assertTrue(node.fail("call", "self", "0xF200").contains("0x13 NOT_FOUND"));
        }
    }

    @Test
    void usesTheVocabularyOfACapability() throws Exception {
        Path signed = Files.copy(ports, folder.resolve("ports.jar"));
        tools.sign(signed, "bell");
        try (NodeProcess node = new NodeProcess(Distribution.built(), folder.resolve("home"), "--features",
                "minimal")) {
            node.succeed("features", "trust", signed.toString());
            assertTrue(node.fail("features", "install", signed.toString())
                    .endsWith("com.example.ports 1.0.0 needs the "
                    + "package org.myclerk.op.serial in a version from 1.0.0 on and below 2.0.0; the "
                    + "feature demo has "
                    + "it: myclerk features install demo"));
            node.succeed("features", "install", "demo");
            node.succeed("features", "install", signed.toString());
            assertTrue(node.succeed("ops", "self", "ports").toString()
                    .contains("List the serial ports of whoever asks"));
            assertTrue(node.fail("call", "self", "ports.of-caller").contains("0x13 NOT_FOUND"),
                    "the command line has no ports: the call came back to it");
            assertTrue(node.fail("features", "remove", "demo")
                    .contains("com.example.ports 1.0.0 needs the package "
                    + "org.myclerk.op.serial"));
        }
    }

    /** What the shell offers for the last word of a line. */
    private List<String> complete(NodeProcess node, String... line) throws Exception {
        var words = new ArrayList<>(List.of("complete", "--", "--home", node.home().toString()));
        words.addAll(List.of(line));
        return Distribution.built().run(folder.resolve("errors"), words.toArray(String[]::new)).output()
                .stream()
                .sorted().toList();
    }

    /** Reads so many lines of {@code watch}, sorted: answers and events come on ways of their own. */
    private List<String> watch(NodeProcess node, int lines, String... what) throws Exception {
        var words = new ArrayList<>(List.of("watch", "self"));
        words.addAll(List.of(what));
        words.addAll(List.of("--home", node.home().toString()));
        Process process = Distribution.built().start(folder.resolve("watch"), words.toArray(String[]::new));
        try (BufferedReader out = process.inputReader()) {
            return out.lines().limit(lines).sorted().toList();
        } finally {
            process.destroy();
        }
    }

    /** Changes a class in a jar, as an attacker would. */
    private static void altered(Path jar) throws Exception {
        try (FileSystem zip = FileSystems.newFileSystem(jar)) {
            Path ring = zip.getPath("com/example/chime/Ring.class");
            Files.copy(zip.getPath("com/example/chime/Rung.class"), ring,
                    StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
