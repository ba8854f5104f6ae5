package org.myclerk.itests;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;
import static org.junit.Assert.fail;
import static org.junit.Assume.assumeTrue;

import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.myclerk.runtime.NodeInFramework;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;

/**
 * A serial port, a pseudo-terminal that socat holds at the far end, is in use over the network while what
 * serves it is replaced: its byte stream goes on.
 */
public class SerialUpgradeTest extends ContainerTest {

    private static final String FEATURES = "default";
    private static final int ROUNDS = 20;
    private static final int PORTION = 512 * 1024;
    private static final long REOPENED_WITHIN_MILLIS = 1_500;

    private Process socat;
    private NodeInFramework node;
    private Isolated client;
    private InputStream farIn;
    private OutputStream farOut;
    private ExecutorService pool;

    @Configuration
    public Option[] configuration() throws Exception {
        return new Option[] {features(FEATURES)};
    }

    @Before
    public void start() throws Exception {
        boolean there = Files.isExecutable(Path.of("/usr/bin/socat"));
        if (!there && Boolean.getBoolean("myclerk.required")) {
            fail("socat is missing");
        }
        assumeTrue("socat is missing", there);
        Path port = folder().resolve("port");
        Path device = folder().resolve("device");
        socat = new ProcessBuilder("socat", "-d", "-d", "pty,raw,echo=0,link=" + port,
                "pty,raw,echo=0,link=" + device).redirectErrorStream(true).start();
        BufferedReader said = socat.inputReader();
        while (!said.readLine().contains("starting data transfer loop")) {
            // It says where its ends are.
        }
        node = listen(FEATURES, "backend.jserialcomm:ports=" + port);
        client = client("org.myclerk.itests.load.SerialLoad", home(), port.toString());
        farIn = new FileInputStream(device.toFile());
        farOut = new FileOutputStream(device.toFile());
        // Reading and writing a pseudo-terminal would take the carriers of virtual threads with them.
        pool = Executors.newCachedThreadPool();
    }

    @After
    public void stop() throws Exception {
        if (socat != null) {
            socat.destroy();
        }
        if (farIn != null) {
            farIn.close();
            farOut.close();
            pool.shutdownNow();
        }
    }

    /**
     * Bytes each way, some of them while a bundle is replaced for the nth time.
     *
     * @param together both ways at once. One thread of socat passes both, so that it takes nothing more from
     *     a port while what it has for that port is not read; where sessions are away, one way at a time is
     *     replaced under.
     */
    private void exchange(int rounds, Path before, Path after, boolean together) throws Exception {
        byte[] down = new byte[rounds * PORTION];
        byte[] up = new byte[rounds * PORTION];
        new Random(1).nextBytes(down);
        new Random(2).nextBytes(up);
        Future<byte[]> atFar = pool.submit(() -> farIn.readNBytes(up.length));
        for (int round = 0; round < rounds; round++) {
            int from = round * PORTION;
            Callable<Object> send = () -> client.call("write", Arrays.copyOfRange(up, from, from + PORTION));
            Callable<Object> sendBack = () -> {
                farOut.write(down, from, PORTION);
                return null;
            };
            boolean even = round % 2 == 0;
            Future<?> first = pool.submit(even ? send : sendBack);
            Future<?> second = together ? pool.submit(even ? sendBack : send) : null;
            node.replace(even ? before : after, even ? after : before);
            first.get();
            (together ? second : pool.submit(even ? sendBack : send)).get();
        }
        assertArrayEquals(down, (byte[]) client.call("received", down.length));
        assertArrayEquals(up, atFar.get());
    }

    @Test
    public void goesOnUnbrokenWhileItsHandlerIsReplaced() throws Exception {
        Path before = jar("org.myclerk.op.serial");
        exchange(ROUNDS, before, Bumped.version(before, "0.2.0", folder()), true);
        assertEquals("the reader noticed nothing", "1 0", client.call("calls"));
    }

    @Test
    public void goesOnUnbrokenWhileCoreIsReplaced() throws Exception {
        Path before = jar("org.myclerk.core");
        exchange(4, before, Bumped.version(before, "0.2.0", folder()), false);
        assertTrue("the port stayed open", client.call("calls").toString().endsWith(" 0"));
    }

    @Test
    public void isOpenedAgainWhenItsDriverIsReplaced() throws Exception {
        Path before = jar("org.myclerk.backend.jserialcomm");
        Path after = Bumped.version(before, "0.2.0", folder());
        byte[] up = new byte[64 * 1024];
        new Random(3).nextBytes(up);
        Future<byte[]> atFar = pool.submit(() -> farIn.readNBytes(4 * up.length));
        for (int round = 0; round < 4; round++) {
            Future<Object> slowest = pool.submit(() -> client.call("write", up));
            node.replace(round % 2 == 0 ? before : after, round % 2 == 0 ? after : before);
            client.call("awaitReopened", round + 1);
            long millis = (Long) slowest.get();
            System.out.println("slowest write while the driver is replaced, ms: " + millis);
            assertTrue("a write waited " + millis + " ms", millis < REOPENED_WITHIN_MILLIS);
        }
        byte[] all = atFar.get();
        for (int round = 0; round < 4; round++) {
            assertArrayEquals("what was acknowledged arrives, round " + round, up,
                    Arrays.copyOfRange(all, round * up.length, (round + 1) * up.length));
        }
        farOut.write(7);
        assertEquals("and it still reads", 7, ((byte[]) client.call("received", 1))[0]);
    }

    @Test
    public void comesBackWithItsLeaseWhenEverythingIsReplaced() throws Exception {
        for (String name : new String[] {"org.myclerk.devices", "org.myclerk.device.api",
                "org.myclerk.api"}) {
            Path before = jar(name);
            node.replace(before, Bumped.version(before, "0.2.0", folder()));
            System.out.println(name);
            client.call("write", new byte[] {1, 2, 3});
            assertArrayEquals(name, new byte[] {1, 2, 3}, farIn.readNBytes(3));
        }
    }
}
