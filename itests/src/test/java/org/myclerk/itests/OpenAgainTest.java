package org.myclerk.itests;

import static org.junit.Assert.assertEquals;

import java.nio.file.Path;

import org.junit.Before;
import org.junit.Test;
import org.myclerk.runtime.NodeInFramework;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;

/**
 * Devices of every kind are in use over the network while the types between drivers and handlers are
 * replaced, so that no object that is open can be kept: they are open again as they were, and nobody has to
 * ask for it.
 */
public class OpenAgainTest extends ContainerTest {

    private static final String FEATURES = "demo";

    private NodeInFramework node;
    private Isolated user;

    @Configuration
    public Option[] configuration() throws Exception {
        return new Option[] {features(FEATURES)};
    }

    @Before
    public void start() throws Exception {
        node = listen(FEATURES);
        user = client("org.myclerk.itests.load.KeptLoad", home());
        check("before");
    }

    private void check(String when) throws Exception {
        assertEquals(when, "", user.call("line"));
        assertEquals(when, "", user.call("rest"));
    }

    private void replace(String name) throws Exception {
        Path before = jar(name);
        user.call("select");
        node.watchLoader(before);
        node.replace(before, Bumped.version(before, "0.2.0", folder()));
        check(name);
        assertEquals("nobody holds a bus on which nothing is selected", "", user.call("selection"));
        user.call("select");
        assertEquals("nothing holds the version before", 0, node.loadersLeft());
    }

    @Test
    public void afterTheRegistryWasReplaced() throws Exception {
        replace("org.myclerk.devices");
    }

    @Test
    public void afterTheTypesOfDriversWereReplaced() throws Exception {
        replace("org.myclerk.device.api");
    }

    @Test
    public void afterTheTypesOfEverythingWereReplaced() throws Exception {
        replace("org.myclerk.api");
    }
}
