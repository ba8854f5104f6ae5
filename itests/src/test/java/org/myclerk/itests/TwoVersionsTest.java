package org.myclerk.itests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import org.junit.Test;
import org.myclerk.runtime.NodeInFramework;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;

/**
 * Two live versions of one capability: each uses its own payload records, and neither holds the other's
 * classes.
 */
public class TwoVersionsTest extends ContainerTest {

    private static final String FEATURES = "minimal";

    @Configuration
    public Option[] configuration() throws Exception {
        return new Option[] {features(FEATURES)};
    }

    @Test
    public void answerWithRecordsThatDoNotFitEachOther() throws Exception {
        Tally tally = new Tally(distribution(), folder());
        Path first = tally.jar("1.0.0", Tally.source("int", "1", ""), false);
        Path second = tally.jar("2.0.0", Tally.source("String", "\"two\"", ""), false);
        NodeInFramework node = listen(FEATURES);
        node.install(first);
        Isolated client = client("org.myclerk.itests.load.Load", home(), 0);
        assertEquals(Map.of("n", 1L), client.call("ask", Tally.GET));
        node.watchLoader(first);
        try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Object> later = pool.submit(() -> client.call("ask", Tally.WAIT));
            assertEquals("what was sent before has arrived", Map.of("n", 1L), client.call("ask", Tally.GET));
            Future<?> replaced = pool.submit(() -> {
                node.replace(first, second);
                return null;
            });
            Object answer;
            do {
                answer = client.call("ask", Tally.GET);
            } while (answer.equals(Map.of("n", 1L)));
            assertEquals(Map.of("n", "two"), answer);
            assertTrue("the first version is still at work", !later.isDone() && !replaced.isDone());
            assertEquals(Map.of("n", 1L), later.get());
            replaced.get();
        }
        assertEquals(Map.of("n", "two"), client.call("ask", Tally.GET));
        assertEquals("nothing holds the first version's classes", 0, node.loadersLeft());
        assertTrue(node.running().contains("com.example.tally:2.0.0"));
    }
}
