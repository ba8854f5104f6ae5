package org.myclerk.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Versions of a capability that differ: two of them live at once, and new ones that are not well. */
@Timeout(value = 2 * Distribution.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class VersionsTest {

    private static final int GET = 0xF101;
    private static final int WAIT = 0xF102;
    private static final int INTERNAL_ERROR = 0x20;

    /** With the type of the field {@code n}, its value, and what the handler does before it answers TALLY_GET. */
    private static final String SOURCE = """
            package com.example.tally;

            import org.myclerk.api.operation.*;
            import org.myclerk.api.payload.*;

            public final class Tally implements OperationHandler, java.util.function.Supplier<String> {

                public record Count(%1$s n) { }

                public static final Operation<None, Count> GET = Operation.call(0xF101, "TALLY_GET", "Tells", None.class,
                        Count.class);
                public static final Operation<None, Count> WAIT = Operation.call(0xF102, "TALLY_WAIT", "Tells later",
                        None.class, Count.class);
                public static final OperationTable TABLE = OperationTable.of("tally", 0xF100, 0xF10F, GET, WAIT);

                public Bindings bindings() {
                    return TABLE.bind().to(GET, (caller, none) -> {
                        %3$s
                        return new Count(%2$s);
                    }).to(WAIT, (caller, none) -> {
                        Thread.sleep(4000);
                        return new Count(%2$s);
                    }).done();
                }

                public String get() {
                    return "it feels unwell";
                }
            }
            """;

    @TempDir
    Path folder;

    private NodeUnderTest node;
    private Isolated client;
    private Compiled compiled;
    private Path first;

    @BeforeEach
    void start() throws Exception {
        Distribution distribution = Distribution.built();
        compiled = new Compiled(distribution, folder);
        first = compiled.jar("1.0.0", SOURCE.formatted("int", "1", ""), false);
        Path home = folder.resolve("home");
        node = new NodeUnderTest(distribution, home, "default");
        node.call("install", first);
        client = Isolated.client(distribution, "org.myclerk.itests.load.Load", home, 0);
    }

    @AfterEach
    void stop() throws Exception {
        if (client != null) {
            client.close();
        }
        if (node != null) {
            node.close();
        }
    }

    @Test
    void twoLiveAtOnceWithRecordsThatDoNotFitEachOther() throws Exception {
        Path second = compiled.jar("2.0.0", SOURCE.formatted("String", "\"two\"", ""), false);
        assertEquals(Map.of("n", 1L), client.call("ask", GET));
        node.call("watch-loader", first);
        try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Object> later = pool.submit(() -> client.call("ask", WAIT));
            assertEquals(Map.of("n", 1L), client.call("ask", GET), "what was sent before has arrived");
            Future<String> replaced = pool.submit(() -> node.call("replace", first, second));
            Object answer;
            do {
                answer = client.call("ask", GET);
            } while (answer.equals(Map.of("n", 1L)));
            assertEquals(Map.of("n", "two"), answer);
            assertTrue(!later.isDone() && !replaced.isDone(), "the first version is still at work");
            assertEquals(Map.of("n", 1L), later.get());
            replaced.get();
        }
        assertEquals(Map.of("n", "two"), client.call("ask", GET));
        assertEquals("0", node.call("loaders-left"), "nothing holds the first version's classes");
        assertTrue(node.call("running").contains("com.example.tally:2.0.0"));
    }

    @Test
    void oneThatAnswersErrorsGoesBack() throws Exception {
        Path second = compiled.jar("2.0.0", SOURCE.formatted("int", "2", "if (true) throw new IllegalStateException();"),
                false);
        node.call("replace-on-probation", first, second);
        for (int i = 0; i < 5; i++) {
            assertEquals(INTERNAL_ERROR, client.call("status", GET));
        }
        String why = node.call("taken-back");
        assertEquals("com.example.tally 2.0.0: tally answered 5 of 5 requests with 0x20", why);
        assertEquals(Map.of("n", 1L), client.call("ask", GET));
    }

    @Test
    void oneWhoseHealthCheckComplainsIsNotTaken() throws Exception {
        Path second = compiled.jar("2.0.0", SOURCE.formatted("int", "2", ""), true);
        String refused = node.refusal("replace", first, second);
        assertEquals("com.example.tally 2.0.0: it feels unwell", refused);
        assertEquals(Map.of("n", 1L), client.call("ask", GET));
    }

    @Test
    void oneThatCannotStartIsNotTaken() throws Exception {
        Path second = compiled.jar("2.0.0", SOURCE.formatted("int", "2", "").replace("\"TALLY_WAIT\"", "\"TALLY_GET\""), false);
        String refused = node.refusal("replace", first, second);
        assertTrue(refused.contains("com.example.tally"), refused);
        assertEquals(Map.of("n", 1L), client.call("ask", GET));
    }
}
