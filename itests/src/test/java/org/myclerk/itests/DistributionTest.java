package org.myclerk.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The node that is unpacked: it starts, answers, stops, and says in one line why it does not. */
@Timeout(value = 2 * Distribution.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DistributionTest {

    private static final Pattern READY = Pattern.compile("ready tcp 127\\.0\\.0\\.1:(\\d+)");

    @TempDir
    Path folder;

    private Distribution distribution;
    private Path errors;
    private Path home;

    @BeforeEach
    void find() throws IOException {
        distribution = Distribution.built();
        errors = folder.resolve("errors");
        home = folder.resolve("home");
    }

    @Test
    void startsAnswersAndStopsWhenAsked() throws Exception {
        Process node = distribution.start(errors, "up", "--home", home.toString(), "--listen", "127.0.0.1:0");
        try (BufferedReader out = node.inputReader(StandardCharsets.UTF_8)) {
            String line = out.readLine();
            Matcher ready = READY.matcher(String.valueOf(line));
            assertTrue(ready.matches(), () -> line + " " + read(errors));
            new Socket("127.0.0.1", Integer.parseInt(ready.group(1))).close();
            assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(home)));

            Distribution.Ended second =
                    distribution.run(folder.resolve("second"), "up", "--home", home.toString());
            assertEquals(1, second.status());
            assertEquals(List.of(("myclerk: a node already runs on %s (process %d); stop it first, or give "
                    + "this one another home with --home").formatted(home, node.pid())), second.errors());

            node.toHandle().destroy();
            assertTrue(node.waitFor(Distribution.SECONDS, TimeUnit.SECONDS), "does not stop");
            assertEquals(0, node.exitValue(), () -> read(errors));
            assertEquals(null, out.readLine(), "standard output holds the ready line alone");
        } finally {
            node.destroyForcibly();
        }
    }

    @Test
    void refusesAnUnknownOption() throws Exception {
        assertRefused(2, "up does not know --nonsense", "up", "--nonsense");
    }

    @Test
    void refusesAHomeThatCannotBeMade() throws Exception {
        Path file = Files.createFile(folder.resolve("file"));
        assertRefused(1, "the home %s/home cannot be used".formatted(file), "--home", file + "/home", "up");
    }

    @Test
    void refusesAConfigurationThatIsNotJson() throws Exception {
        Files.createDirectory(home);
        Files.writeString(home.resolve("config.json"), "{\n  \"org.myclerk.core\": oops\n}");
        assertRefused(1, home + "/config.json is not JSON: line 2", "up", "--home", home.toString());
    }

    @Test
    void namesThePackageThatABundleLacks() throws Exception {
        distribution = distribution.copy(folder.resolve("copy"));
        var manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().putValue("Bundle-ManifestVersion", "2");
        manifest.getMainAttributes().putValue("Bundle-SymbolicName", "com.example.lamp");
        manifest.getMainAttributes().putValue("Import-Package", "com.example.bulb;version=\"[1.2,2)\"");
        Path jar = distribution.folder().resolve("bundles/lamp-1.jar");
        new JarOutputStream(Files.newOutputStream(jar), manifest).close();
        Files.writeString(distribution.folder().resolve("features/lamp.json"),
                "{ \"id\": \"com.example:lamp:1\", \"bundles\": [ { \"id\": \"com.example:lamp:1\" } ] }");
        assertRefused(1, "com.example.lamp needs the package com.example.bulb, which no bundle here offers "
                + "in version 1.2.0 or newer", "up", "--features", "lamp", "--home", home.toString());
    }

    private void assertRefused(int status, String message, String... arguments) throws Exception {
        Distribution.Ended ended = distribution.run(errors, arguments);
        assertEquals(status, ended.status(), () -> ended.errors().toString());
        assertEquals(List.of(), ended.output());
        assertEquals(1, ended.errors().size(), () -> ended.errors().toString());
        assertTrue(ended.errors().getFirst().startsWith("myclerk: " + message), ended.errors()::getFirst);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
