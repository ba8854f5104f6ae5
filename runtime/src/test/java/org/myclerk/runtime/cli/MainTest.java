package org.myclerk.runtime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MainTest {

    @TempDir
    private Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(String... arguments) {
        return Main.run(new Streams(new ByteArrayInputStream(new byte[0]),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                Map.of("MYCLERK_HOME", folder.resolve("home").toString())), arguments);
    }

    private String said() {
        return err.toString(StandardCharsets.UTF_8);
    }

    private String printed() {
        return out.toString(StandardCharsets.UTF_8);
    }

    static java.util.Set<String> commands() {
        return Commands.ALL.keySet();
    }

    @ParameterizedTest
    @MethodSource("commands")
    void helpsWithEveryCommand(String command) {
        assertEquals(0, run(command, "--help"));
        assertTrue(printed().startsWith("Usage: myclerk " + command), printed());
        assertEquals("", said());
    }

    @Test
    void listsItsCommands() {
        assertEquals(0, run("--help"));
        for (String command : commands()) {
            assertTrue(printed().contains("\n  " + command + " "), command);
        }
        assertFalse(printed().contains(CompleteTask.NAME + " "));
    }

    @Test
    void takesOptionsAnywhere() {
        assertEquals(0, run("--json", "version"));
        assertEquals(0, run("version", "--json"));
        assertEquals(2, printed().lines().filter(line -> line.startsWith("{\"version\":")).count());
    }

    @Test
    void suggestsTheCommandThatWasMeant() {
        assertEquals(2, run("peeers"));
        assertEquals("myclerk: unknown command \"peeers\"; did you mean peers?; see myclerk --help\n",
                said());
    }

    @Test
    void suggestsTheOptionThatWasMeant() {
        assertEquals(2, run("peers", "--jsn"));
        assertEquals("myclerk: unknown option \"--jsn\"; did you mean --json?; see myclerk peers --help\n",
                said());
    }

    @Test
    void refusesMissingAndSurplusArguments() {
        assertEquals(2, run("call", "self"));
        assertEquals(2, run("revoke", "a", "b"));
        assertEquals(2, run());
        assertEquals(3, said().lines().count());
        assertTrue(said().lines().allMatch(line -> line.startsWith("myclerk: ")), said());
    }

    @Test
    void refusesValuesBeforeItTouchesTheHome() {
        assertEquals(2, run("invite", "--role", "membr"));
        assertEquals(2, run("invite", "--minutes", "16"));
        assertEquals(2, run("invite", "--at", "::1:5657"));
        assertEquals(2, run("join", "short"));
        assertEquals(2, run("call", "self", "node.info", "--tier", "6"));
        assertEquals("""
                myclerk: --role: "membr" is not one of admin, hub, member, child, guest; did you mean member?
                myclerk: --minutes: 16 is not in 1..15
                myclerk: --at: "::1:5657": write an IPv6 address in brackets, [::1]:5657
                myclerk: the invitation is not whole: it is one line of letters, digits, - and _, as myclerk invite \
                printed it
                myclerk: --tier: 6 is not in 2..5
                """, said());
        assertEquals("", printed());
    }

    @Test
    void tellsErrorsAsJsonIfAsked() {
        assertEquals(2, run("join", "short", "--json"));
        assertTrue(said().startsWith("{\"error\":\"the invitation is not whole"), said());
    }

    @Test
    void failsOnAHomeThatIsNotThere() {
        for (String command : new String[] {"peers", "invite", "sessions", "family", "ops"}) {
            assertEquals(1, run(command), command);
        }
        assertEquals(5, said().lines().count(), said());
    }

    @Test
    void completesSilentlyWhateverHappens() {
        assertEquals(0, run("complete", "--", "call", ""));
        assertEquals(0, run("complete", "--", "fam"));
        assertEquals(0, run("complete", "--", "family", "ex"));
        assertEquals(0, run("complete", "--", "--home", folder.toString(), "watch", "self", "x"));
        assertEquals(0, run("complete", "--", "invite", "--mi"));
        assertEquals(0, run("complete", "--", "invite", "--minutes", ""));
        assertEquals(0, run("complete"));
        assertEquals("", said());
        assertTrue(printed().startsWith("family\nexport-root\n--minutes\n"), printed());
    }
}
