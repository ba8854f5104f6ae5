package org.myclerk.itests;

import static org.junit.Assert.assertEquals;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import org.junit.Before;
import org.junit.Test;
import org.myclerk.runtime.NodeInFramework;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;

/**
 * An output line, the watch of the input that it is wired to, and an open CAN interface are in use over
 * the network while what serves them is replaced: the line keeps its level, and no edge and no frame is
 * lost.
 */
public class BusUpgradeTest extends ContainerTest {

    private static final String FEATURES = "demo";
    private static final int ROUNDS = 6;
    private static final int PORTION = 200;

    private NodeInFramework node;
    private Isolated client;

    @Configuration
    public Option[] configuration() throws Exception {
        return new Option[] {features(FEATURES)};
    }

    @Before
    public void start() throws Exception {
        node = listen(FEATURES);
        client = client("org.myclerk.itests.load.BusLoad", home());
    }

    /** Has a bundle replaced while work is done, to and fro. */
    private void replace(String name, Callable<?> work, Callable<?> check) throws Exception {
        Path before = jar(name);
        Path after = Bumped.version(before, "0.2.0", folder());
        try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int round = 0; round < ROUNDS; round++) {
                node.watchLoader(round % 2 == 0 ? before : after);
                Future<?> done = pool.submit(work);
                node.replace(round % 2 == 0 ? before : after, round % 2 == 0 ? after : before);
                done.get();
                assertEquals("round " + round, "", check.call());
            }
        }
        assertEquals("nothing holds the versions before", 0, node.loadersLeft());
    }

    @Test
    public void linesKeepTheirLevelsAndTellTheirEdges() throws Exception {
        replace("org.myclerk.op.gpio", () -> client.call("toggle", PORTION), () -> client.call("edges"));
    }

    @Test
    public void aCanInterfaceLosesNoFrame() throws Exception {
        replace("org.myclerk.op.can", () -> client.call("send", PORTION), () -> client.call("frames"));
    }
}
