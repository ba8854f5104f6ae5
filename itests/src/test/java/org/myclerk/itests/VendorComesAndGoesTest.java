package org.myclerk.itests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.junit.Test;
import org.myclerk.runtime.NodeInFramework;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;

/** A bundle that was not there when this was built joins a node that works, and leaves it without a trace. */
public class VendorComesAndGoesTest extends ContainerTest {

    private static final String FEATURES = "minimal";
    private static final String HANDLER = "org.myclerk.api.operation.OperationHandler";
    private static final int NOT_FOUND = 0x13;

    @Configuration
    public Option[] configuration() throws Exception {
        return new Option[] {features(FEATURES)};
    }

    private int handlers() throws Exception {
        return context().getAllServiceReferences(HANDLER, null).length;
    }

    @Test
    public void withoutATrace() throws Exception {
        Path tally = new Tally(distribution(), folder()).jar("1.0.0", Tally.source("int", "1", ""), false);
        NodeInFramework node = listen(FEATURES);
        Isolated client = client("org.myclerk.itests.load.Load", home(), 0);
        List<String> bundles = node.running();
        int handlers = handlers();
        assertEquals(NOT_FOUND, client.call("status", Tally.GET));

        node.install(tally);
        assertEquals(Map.of("n", 1L), client.call("ask", Tally.GET));
        assertTrue(node.running().contains("com.example.tally:1.0.0"));
        node.watchLoader(tally);

        node.uninstall(tally);
        assertEquals(NOT_FOUND, client.call("status", Tally.GET));
        assertEquals(bundles, node.running());
        assertEquals(handlers, handlers());
        assertEquals("its classes are gone", 0, node.loadersLeft());
    }
}
