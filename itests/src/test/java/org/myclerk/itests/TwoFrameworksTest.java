package org.myclerk.itests;

import static org.junit.Assert.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.myclerk.runtime.NodeInFramework;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;

/**
 * Two frameworks are two nodes: they pair, and call each other over TCP, also while one of them is replaced.
 */
public class TwoFrameworksTest extends ContainerTest {

    private static final String FEATURES = "minimal,conformance";
    private static final String OF_THE_OTHER = "minimal";
    private static final int NOT_FOUND = 0x13;
    private static final int ECHO = 0xF001;
    private static final int INVITE = 0xFE21;
    private static final int JOIN = 0xFE22;

    private NodeInFramework kitchen;
    private NodeInFramework desk;

    @Configuration
    public Option[] configuration() throws Exception {
        return new Option[] {features(FEATURES)};
    }

    @Before
    public void start() throws Exception {
        kitchen = listen(FEATURES, "core.node:name=kitchen");
        Path deskHome = folder().resolve("desk");
        desk = NodeInFramework.start(distribution().folder(), deskHome, OF_THE_OTHER);
        desk.listen(distribution().folder(), deskHome, OF_THE_OTHER, "core.node:name=desk");
    }

    @After
    public void stop() throws InterruptedException {
        if (desk != null) {
            desk.stop();
        }
    }

    @Test
    public void areTwoNodes() throws Exception {
        Isolated atKitchen = client("org.myclerk.itests.load.Load", home(), 0);
        Isolated atDesk = client("org.myclerk.itests.load.Load", folder().resolve("desk"), 0);
        Map<?, ?> invitation = (Map<?, ?>) atKitchen.call("ask", INVITE,
                Map.of("role", "admin", "minutes", 5, "at", List.of(kitchen.endpoint())));
        atDesk.call("ask", JOIN, Map.of("invitation", invitation.get("text")));

        Isolated deskAtKitchen = client("org.myclerk.itests.load.Load", folder().resolve("desk"), 0);
        deskAtKitchen.call("reach", kitchen.endpoint());
        Isolated kitchenAtDesk = client("org.myclerk.itests.load.Load", home(), 0);
        kitchenAtDesk.call("reach", desk.endpoint());
        Map<String, Object> said = Map.of("said", "hello");
        assertEquals(said, deskAtKitchen.call("ask", ECHO, said));
        assertEquals("each has its own capabilities", NOT_FOUND, kitchenAtDesk.call("status", ECHO));

        Path before = jar("org.myclerk.core");
        kitchen.replace(before, Bumped.version(before, "9.0.0", folder()));
        assertEquals("over the session that followed", said, deskAtKitchen.call("ask", ECHO, said));
    }
}
