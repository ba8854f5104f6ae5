package org.myclerk.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A machine whose clock is wrong, as a Raspberry Pi's is before it has a network (libfaketime tells it the
 * time).
 */
@Timeout(value = 5 * Distribution.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WrongClockTest {

    @TempDir
    Path folder;

    private Path offset;
    private Distribution wrong;

    @BeforeEach
    void findFaketime() throws IOException {
        Optional<Path> library;
        try (Stream<Path> files = Files.find(Path.of("/usr/lib"), 3,
                (file, _) -> file.endsWith("libfaketimeMT.so.1"))) {
            library = files.findFirst();
        }
        if (library.isEmpty() && Boolean.getBoolean("myclerk.required")) {
            fail("libfaketime is missing");
        }
        assumeTrue(library.isPresent(), "libfaketime is missing");
        offset = folder.resolve("offset");
        wrong = Distribution.built().with(Map.of("LD_PRELOAD", library.get().toString(),
                "FAKETIME_TIMESTAMP_FILE", offset.toString(), "FAKETIME_NO_CACHE", "1",
                // Time spans are measured rightly even where the clock is wrong.
                "DONT_FAKE_MONOTONIC", "1", "FAKETIME_FORCE_MONOTONIC_FIX", "0"));
    }

    @ParameterizedTest
    @CsvSource({"-1y, the clock of this machine is wrong", "+1d, the clock of this machine says"})
    void staysUpAndJoinsOnceItIsSet(String off, String told) throws Exception {
        Files.writeString(offset, off);
        try (NodeProcess kitchen = new NodeProcess(Distribution.built(), folder.resolve("kitchen"), "--set",
                "core.node.name=kitchen");
                NodeProcess desk = new NodeProcess(wrong, folder.resolve("desk"), "--set",
                        "core.node.name=desk",
                        "--set", "core.node.sesions=5")) {
            String invitation = kitchen.succeed("invite", "--role", "admin").getFirst();
            String refused = desk.fail("join", invitation, "--name", "desk");
            assertTrue(refused.contains(told), refused);
            assertTrue(desk.succeed("call", "self", "node.info").toString().contains("desk"));
            assertEquals(off.equals("-1y"), desk.log().contains("the node goes on, set the clock"),
                    desk.log());

            Files.writeString(offset, "+0");
            desk.succeed("join", invitation, "--name", "desk");
            assertTrue(desk.succeed("peers").toString().contains("connected"));
            assertTrue(kitchen.succeed("call", "desk", "node.info").toString().contains("desk"));
            assertTrue(desk.process().isAlive());
            assertTrue(desk.log().contains("core.node.sesions: there is no such setting; there are crypto, "),
                    desk.log());
        }
    }
}
