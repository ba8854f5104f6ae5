package org.myclerk.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigurationsTest {

    @TempDir
    Path folder;

    @Test
    void readsTheFormOfTheConfigurator() throws Exception {
        Configurations configurations = read("""
                { ":configurator:resource-version": 1,
                  "org.myclerk.core": { "maxSessions:Integer": 10000, "ratio": 1.5, "strict": true, "name": "x" },
                  "org.myclerk.core.node": { "listen": ["[::]:1", "[::]:2"] } }""");
        assertEquals(Set.of("org.myclerk.core", "org.myclerk.core.node"), configurations.pids());
        var core = configurations.get("org.myclerk.core");
        assertEquals(List.of(10000, "x", "1.5", "true"),
                List.of(core.get("maxSessions"), core.get("name"), core.get("ratio"), core.get("strict")));
        assertArrayEquals(new String[] {"[::]:1", "[::]:2"},
                (String[]) configurations.get("org.myclerk.core.node").get("listen"));
    }

    @Test
    void readsTypesAndComments() throws Exception {
        Configurations configurations = read("""
                { // of the lamp
                  "x.lamp~hall": { ":configurator:ranking": 10, ":configurator:policy": "force",
                    "ports:Integer[]": [1, 2], "one:int[]": 3, "names:Collection<String>": ["a // b", "/* c */"],
                    "on:Boolean": true, /* a
                    long one */ "letter:Character": "q", "big:Long": 5000000000 } }""");
        var lamp = configurations.get("x.lamp~hall");
        assertArrayEquals(new Integer[] {1, 2}, (Integer[]) lamp.get("ports"));
        assertArrayEquals(new Integer[] {3}, (Integer[]) lamp.get("one"));
        assertEquals(List.of("a // b", "/* c */"), lamp.get("names"));
        assertEquals(List.of(true, 'q', 5_000_000_000L), List.of(lamp.get("on"), lamp.get("letter"),
                lamp.get("big")));
        assertEquals(6, lamp.size());
    }

    @Test
    void namesWhatIsNotOfItsForm() throws Exception {
        assertRefused("x lamp must be of the type Integer, not \"1.5\"",
                "{ \"x\": { \"lamp:Integer\": 1.5 } }");
        assertRefused("x lamp must be of the type Boolean, not \"yes\"",
                "{ \"x\": { \"lamp:Boolean\": \"yes\" } }");
        assertRefused("x lamp must be one value of the type Long, not 2",
                "{ \"x\": { \"lamp:Long\": [1, 2] } }");
        assertRefused("x lamp: there is no type binary; there are Boolean, Byte, ",
                "{ \"x\": { \"lamp:binary\": \"a\" } }");
        assertRefused("the key \":configurator:rank\" is unknown; known are :configurator:policy, ",
                "{ \"x\": { \":configurator:rank\": 1 } }");
        assertRefused("the key \":resource-version\" is unknown; known are ", "{ \":resource-version\": 1 }");
        assertRefused(":configurator:resource-version is 2, this release reads 1",
                "{ \":configurator:resource-version\": 2 }");
    }

    private void assertRefused(String beginning, String text) {
        String line = assertThrows(Refusal.class, () -> read(text)).getMessage();
        assertTrue(line.contains("config.json: " + beginning), line);
    }

    @Test
    void laysTheCommandLineOverTheFile() throws Exception {
        Configurations configurations = read("{ \"org.myclerk.core\": { \"a\": 1, \"b\": 2 } }");
        configurations.overlay(List.of(UpOptions.Setting.parse("core.b=3"),
                UpOptions.Setting.parse("core.c=4")));
        assertEquals(List.of("1", "3", "4"), List.copyOf(configurations.get("org.myclerk.core").values()));
    }

    @Test
    void makesAListOfAKeyThatIsSetMoreThanOnce() throws Exception {
        var configurations = new Configurations();
        configurations.overlay(List.of(UpOptions.Setting.parse("x.y=1"), UpOptions.Setting.parse("x.y=2"),
                UpOptions.Setting.parse("x.y=3")));
        assertArrayEquals(new String[] {"1", "2", "3"},
                (String[]) configurations.get("org.myclerk.x").get("y"));
    }

    @Test
    void doesWithoutAFile() throws Refusal {
        var configurations = new Configurations();
        configurations.overlay(folder.resolve("none.json"));
        assertEquals(Set.of(), configurations.pids());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{ \"a\": 1 }", "{ \"a\": { \"b\": null } }",
            "{ \"a\": { \"b\": {} } }",
        "{ \"a\": { \"b\": [[]] } }", "{ \"a\": "})
    void refusesWhatIsNoConfiguration(String text) {
        Refusal failure = assertThrows(Refusal.class, () -> read(text));
        assertTrue(failure.getMessage().startsWith(folder.toString()), failure::getMessage);
        assertEquals(1, failure.getMessage().lines().count());
    }

    private Configurations read(String text) throws IOException, Refusal {
        Path file = Files.writeString(folder.resolve("config.json"), text);
        var configurations = new Configurations();
        configurations.overlay(file);
        return configurations;
    }
}
