package org.myclerk.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HomeTest {

    @TempDir
    Path folder;

    @Test
    void makesAFolderForItsOwnerOnlyAndLeavesItsProcessIdThere() throws Exception {
        Path home = folder.resolve("a/b");
        try (Home open = Home.open(home)) {
            assertEquals("rwx------", rights(home));
            assertEquals("rwx------", rights(open.cache()));
            assertEquals("rw-------", rights(home.resolve("run/lock")));
            assertEquals(ProcessHandle.current().pid() + "\n", Files.readString(home.resolve("run/lock")));
        }
    }

    @Test
    void takesTheRightsOfOthersAway() throws Exception {
        Path home = Files.createDirectory(folder.resolve("home"));
        Path config = Files.writeString(home.resolve("config.json"), "{}");
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(config, PosixFilePermissions.fromString("rw-r--r--"));
        Home.open(home).close();
        assertEquals("rwx------", rights(home));
        assertEquals("rw-------", rights(config));
    }

    @Test
    void leavesAnOpenFolderWithOtherThingsAlone() throws Exception {
        Path other = Files.createDirectory(folder.resolve("other"));
        Files.createFile(other.resolve("letter"));
        Files.setPosixFilePermissions(other, PosixFilePermissions.fromString("rwxr-xr-x"));
        assertRefused(other);
        assertEquals("rwxr-xr-x", rights(other));
    }

    @Test
    void refusesAFile() throws IOException {
        assertRefused(Files.createFile(folder.resolve("file")));
        assertRefused(folder.resolve("file/home"));
    }

    private static void assertRefused(Path home) {
        StartFailure failure = assertThrows(StartFailure.class, () -> Home.open(home));
        assertEquals(1, failure.status());
        assertTrue(failure.getMessage().contains(home.toString()), failure::getMessage);
        assertEquals(1, failure.getMessage().lines().count());
    }

    private static String rights(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
