package org.myclerk.runtime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.myclerk.api.payload.PayloadCodec;
import org.myclerk.api.payload.Shape;

class CompletionTest {

    private static final Path BASH = Path.of("/bin/bash");

    /** What stands for myclerk: it answers complete with what it was asked and three words. */
    private static final String STAND_IN = """
            #!/bin/sh
            echo "$*" >> "$(dirname "$0")/asked"
            for last; do :; done
            for word in self serial. port= parity=even parity=odd; do
                case $word in "$last"*) echo "$word" ;; esac
            done
            """;

    @TempDir
    private Path folder;

    private String script(String shell) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertEquals(0, Main.run(new Streams(new ByteArrayInputStream(new byte[0]), new PrintStream(out, true,
                StandardCharsets.UTF_8), System.err, Map.of()), "completion", shell));
        return out.toString(StandardCharsets.UTF_8);
    }

    /** What bash would offer at the end of the line. */
    private String offered(String line) throws Exception {
        Path script = Files.writeString(folder.resolve("completion"), script("bash"));
        Path program = Files.writeString(folder.resolve("myclerk"), STAND_IN);
        assertTrue(program.toFile().setExecutable(true));
        Process bash = new ProcessBuilder(BASH.toString(), "-c", """
                compopt() { :; }
                source "$1"
                PATH="$2:$PATH" COMP_LINE="$3" COMP_POINT=${#3}
                COMP_WORDBREAKS=$' \\t\\n"\\'><=;|&(:'
                _myclerk
                echo "${COMPREPLY[*]}"
                """, "bash", script.toString(), folder.toString(), line)
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String answer = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertEquals(0, bash.waitFor());
        return answer;
    }

    @ParameterizedTest
    @CsvSource({
        "myclerk fam, family",
        "myclerk se, sessions serial",
        "myclerk --home /x inv, invite",
        "myclerk invite --mi, --minutes",
        "myclerk --js, --json",
        "myclerk call self ser, serial.",
        "myclerk call self serial.port-open po, port=",
        "myclerk call self serial.port-open parity=, even odd",
        "myclerk call self serial.port-open parity=o, odd"})
    void offersInBash(String line, String words) throws Exception {
        assumeTrue(Files.isExecutable(BASH), "no bash here");
        assertEquals(words, offered(line));
    }

    @Test
    void asksForTheWordsUpToTheCursor() throws Exception {
        assumeTrue(Files.isExecutable(BASH), "no bash here");
        assertEquals("self serial.", offered("myclerk --home /x call se"));
        assertEquals("complete -- --home /x call se", Files.readString(folder.resolve("asked")).strip());
    }

    @Test
    void namesEveryCommandInBothScripts() {
        for (String shell : List.of("bash", "zsh")) {
            String script = script(shell);
            Commands.ALL.keySet()
                    .forEach(command -> assertTrue(script.contains("        " + command + ") options="),
                    shell + " " + command));
        }
    }

    @Test
    void offersFieldsThatAreNotGivenAndTheirValues() {
        Shape shape = PayloadCodec.of(RequestTest.Everything.class).shape();
        assertEquals(List.of("baud=", "ratio=", "data=", "parity=", "pins=", "inner=", "extra="),
                CompleteTask.fields(shape, List.of("port=x", "on=true", "pins=1"), ""));
        assertEquals(List.of("parity=none", "parity=odd", "parity=mark-space"),
                CompleteTask.fields(shape, List.of(), "parity="));
        assertEquals(List.of("on=true", "on=false"), CompleteTask.fields(shape, List.of(), "on=t"));
        assertEquals(List.of(), CompleteTask.fields(shape, List.of(), "baud="));
    }
}
