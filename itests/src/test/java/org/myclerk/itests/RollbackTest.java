package org.myclerk.itests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

import org.junit.Before;
import org.junit.Test;
import org.myclerk.runtime.NodeInFramework;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;

/** A new version that is not well goes, and the one before comes back. */
public class RollbackTest extends ContainerTest {

    private static final String FEATURES = "minimal";
    private static final int INTERNAL_ERROR = 0x20;

    private NodeInFramework node;
    private Isolated client;
    private Tally tally;
    private Path first;

    @Configuration
    public Option[] configuration() throws Exception {
        return new Option[] {features(FEATURES)};
    }

    @Before
    public void start() throws Exception {
        tally = new Tally(distribution(), folder());
        first = tally.jar("1.0.0", Tally.source("int", "1", ""), false);
        node = listen(FEATURES);
        node.install(first);
        client = client("org.myclerk.itests.load.Load", home(), 0);
    }

    private void assertFirstAnswers() throws Exception {
        assertEquals(Map.of("n", 1L), client.call("ask", Tally.GET));
        assertTrue(node.running().toString(), node.running().contains("com.example.tally:1.0.0"));
    }

    @Test
    public void ofOneThatAnswersErrors() throws Exception {
        Path second = tally.jar("2.0.0", Tally.source("int", "2",
                "if (true) throw new IllegalStateException();"), false);
        node.replaceOnProbation(Duration.ofSeconds(60), first, second);
        for (int i = 0; i < 5; i++) {
            assertEquals(INTERNAL_ERROR, client.call("status", Tally.GET));
        }
        assertEquals("com.example.tally 2.0.0: tally answered 5 of 5 requests with 0x20", node.takenBack());
        assertFirstAnswers();
    }

    @Test
    public void ofOneWhoseHealthCheckComplains() throws Exception {
        Path second = tally.jar("2.0.0", Tally.source("int", "2", ""), true);
        assertEquals("com.example.tally 2.0.0: it feels unwell", node.refusal(first, second));
        assertFirstAnswers();
    }

    @Test
    public void ofOneThatCannotStart() throws Exception {
        Path second = tally.jar("2.0.0", Tally.source("int", "2", "")
                .replace("\"TALLY_WAIT\"", "\"TALLY_GET\""), false);
        String refusal = node.refusal(first, second);
        assertTrue(refusal, refusal.contains("com.example.tally"));
        assertFirstAnswers();
    }
}
