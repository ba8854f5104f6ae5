package org.myclerk.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The node that is unpacked: it starts, answers, stops, and says in one line why it does not. */
@Timeout(value = 2 * Distribution.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DistributionTest {

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
                "{ \"bundles\": [ { \"id\": \"com.example:lamp:1\" } ] }");
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
}
