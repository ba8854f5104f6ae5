package org.myclerk.runtime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeviceFilesTest {

    @Test
    void findsWhatIsClosedAndSaysWhichGroupOpensIt(@TempDir Path folder) throws Exception {
        Files.createFile(folder.resolve("i2c-0"));
        Path closed = Files.createFile(folder.resolve("i2c-1"));
        Files.createFile(folder.resolve("other"));
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("---------"));
        assertEquals(2, DeviceFiles.in(folder, "i2c-\\d+").count());
        assumeFalse(Files.isReadable(closed), "root may read everything");
        assertEquals(List.of(closed), DeviceFiles.in(folder, "i2c-\\d+").closed());
    }

    @Test
    void advisesARuleWhereTheFilesBelongToRoot() {
        String advice = new DeviceFiles(1, List.of(Path.of("/dev/null"))).advice("i2c-dev", "i2c");
        assertTrue(advice.contains("SUBSYSTEM==\"i2c-dev\", GROUP=\"i2c\""), advice);
    }
}
