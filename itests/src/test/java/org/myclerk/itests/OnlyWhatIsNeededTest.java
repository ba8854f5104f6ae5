package org.myclerk.itests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotEquals;
import static org.junit.Assert.assertTrue;

import java.util.List;
import java.util.stream.Stream;

import org.junit.Test;
import org.myclerk.runtime.NodeInFramework;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.osgi.framework.Bundle;

/**
 * A node runs only what it needs: the least node beside a full one. What its process then takes of the
 * machine is compared in {@link FeaturesOfANodeTest}.
 */
public class OnlyWhatIsNeededTest extends ContainerTest {

    private static final String LEAST = "minimal";
    private static final String FULL = "desktop,demo,conformance";
    private static final int NOT_FOUND = 0x13;

    /** A row of each range that a capability serves: ports, chips, buses, interfaces, echo. */
    private static final List<Integer> ROWS = List.of(0x0610, 0x0620, 0x0630, 0x0640, 0x0650, 0x0660, 0xF001);

    @Configuration
    public Option[] configuration() throws Exception {
        return new Option[] {features(LEAST)};
    }

    @Test
    public void isLoaded() throws Exception {
        NodeInFramework least = listen(LEAST);
        NodeInFramework full = NodeInFramework.start(distribution().folder(), folder().resolve("full"), FULL);
        try {
            full.listen(distribution().folder(), folder().resolve("full"), FULL);
            List<String> running = Stream.of(context().getBundles()).map(Bundle::getLocation)
                    .filter(location -> location.startsWith("reference:")).toList();
            assertEquals(NodeInFramework.locations(distribution().folder(), LEAST), running);
            assertTrue("all of the least node's are part of a full one",
                    full.running().containsAll(ours(least.running())));
            assertEquals("and the full one has what its features name beside them",
                    NodeInFramework.locations(distribution().folder(), FULL).size(), full.running().size());

            Isolated atLeast = client("org.myclerk.itests.load.Load", home(), 0);
            Isolated atFull = client("org.myclerk.itests.load.Load", folder().resolve("full"), 0);
            for (int row : ROWS) {
                String name = "0x%04X".formatted(row);
                assertEquals(name, NOT_FOUND, atLeast.call("status", row));
                assertNotEquals(name, NOT_FOUND, atFull.call("status", row));
            }
        } finally {
            full.stop();
        }
    }

    private static List<String> ours(List<String> running) {
        return running.stream().filter(name -> name.startsWith("org.myclerk.")).toList();
    }
}
