package org.myclerk.transport.tcp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.myclerk.api.transport.Endpoint;
import org.myclerk.api.transport.Link;
import org.myclerk.api.transport.LinkAcceptor;
import org.myclerk.api.transport.LinkHandler;
import org.myclerk.api.transport.Transport;

/** TCP (profile §17), against plain sockets and against itself. */
@Timeout(120)
class TcpTransportTest {

    private static final Endpoint LOOPBACK = new Endpoint("tcp", "127.0.0.1", 0);

    private final TcpTransport transport = new TcpTransport(2);

    @AfterEach
    void close() {
        transport.close();
    }

    @Test
    void isFoundAsAPlainJar() {
        Transport found = ServiceLoader.load(Transport.class).findFirst().orElseThrow();
        assertInstanceOf(TcpTransport.class, found);
        assertEquals("tcp", found.scheme());
        assertTrue(found.ordered());
        assertEquals(65535, found.largestFrame());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 64, 1023, 4096, 65534, 65535})
    void carriesFramesOfEverySizeToAndFromAPlainSocket(int size) throws Exception {
        Recorder server = new Recorder();
        try (var listener = transport.listen(LOOPBACK, server.acceptor()); Socket peer = plain(listener)) {
            byte[] frame = random(size);
            peer.getOutputStream().write(framed(frame));
            assertArrayEquals(frame, server.frame());
            server.send(frame);
            assertArrayEquals(frame, readFrame(peer));
        }
    }

    @Test
    void joinsFramesThatAreCutAtAnyByte() throws Exception {
        byte[] first = random(7);
        byte[] second = random(1);
        byte[] third = random(300);
        byte[] all = concat(framed(first), framed(second), framed(third));
        Recorder server = new Recorder();
        try (var listener = transport.listen(LOOPBACK, server.acceptor()); Socket peer = plain(listener)) {
            for (int cut = 1; cut < all.length; cut++) {
                peer.getOutputStream().write(all, 0, cut);
                settled(server);
                peer.getOutputStream().write(all, cut, all.length - cut);
                assertArrayEquals(first, server.frame(), "cut at " + cut);
                assertArrayEquals(second, server.frame(), "cut at " + cut);
                assertArrayEquals(third, server.frame(), "cut at " + cut);
            }
        }
    }

    @Test
    void joinsFramesThatComeByteByByte() throws Exception {
        byte[] frame = random(200);
        byte[] all = framed(frame);
        Recorder server = new Recorder();
        try (var listener = transport.listen(LOOPBACK, server.acceptor()); Socket peer = plain(listener)) {
            for (byte one : all) {
                peer.getOutputStream().write(one);
                settled(server);
            }
            assertArrayEquals(frame, server.frame());
        }
    }

    @Test
    void joinsALargestFrameThatComesInPieces() throws Exception {
        byte[] frame = random(65535);
        byte[] all = concat(framed(frame), framed(random(5)));
        Recorder server = new Recorder();
        try (var listener = transport.listen(LOOPBACK, server.acceptor()); Socket peer = plain(listener)) {
            for (int at = 0; at < all.length; at += 7001) {
                peer.getOutputStream().write(all, at, Math.min(7001, all.length - at));
                settled(server);
            }
            assertArrayEquals(frame, server.frame());
            assertEquals(5, server.frame().length);
        }
    }

    @Test
    void handsOverAllThatWasReadAndThenDrains() throws Exception {
        Recorder server = new Recorder();
        try (var listener = transport.listen(LOOPBACK, server.acceptor()); Socket peer = plain(listener)) {
            server.link();
            assertEquals("drained", server.events.take()); // of the acceptance
            peer.getOutputStream().write(concat(framed(random(3)), framed(random(3)), framed(random(3))));
            server.frame();
            server.frame();
            server.frame();
            assertEquals("received", server.events.take());
            assertEquals("received", server.events.take());
            assertEquals("received", server.events.take());
            assertEquals("drained", server.events.take());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 65536, 0x7FFF_FFFFL, 0x8000_0000L, 0xFFFF_FFFFL})
    void closesAtAPrefixThatIsNotAllowed(long prefix) throws Exception {
        Recorder server = new Recorder();
        try (var listener = transport.listen(LOOPBACK, server.acceptor()); Socket peer = plain(listener)) {
            byte[] good = random(9);
            peer.getOutputStream().write(framed(good));
            new DataOutputStream(peer.getOutputStream()).writeInt((int) prefix);
            assertEquals("the peer announced a frame of %d bytes, allowed are 1 to 65535".formatted(prefix),
                    server.closed());
            assertArrayEquals(good, server.frame());
            assertEquals(-1, read(peer));
        }
    }

    @Test
    void closesAtAPrefixAboveTheLinksLimit() throws Exception {
        Recorder server = new Recorder();
        LinkAcceptor acceptor = link -> {
            server.link.complete(link);
            return server;
        };
        try (var listener = transport.listen(LOOPBACK, acceptor); Socket peer = plain(listener)) {
            peer.getOutputStream().write(framed(random(2048)));
            assertEquals(2048, server.frame().length);
            new DataOutputStream(peer.getOutputStream()).writeInt(2049);
            assertEquals("the peer announced a frame of 2049 bytes, allowed are 1 to 2048", server.closed());
        }
    }

    @Test
    void appliesALimitThatAFrameRaisesToTheNextFrame() throws Exception {
        Recorder server = new Recorder() {
            @Override
            public void received(byte[] buffer, int offset, int length) {
                super.received(buffer, offset, length);
                link.join().receiveLimit(100);
            }
        };
        LinkAcceptor acceptor = link -> {
            link.receiveLimit(10);
            server.link.complete(link);
            return server;
        };
        try (var listener = transport.listen(LOOPBACK, acceptor); Socket peer = plain(listener)) {
            byte[] all = concat(framed(random(10)), framed(random(100)), framed(random(101)));
            peer.getOutputStream().write(all);
            assertEquals(10, server.frame().length);
            assertEquals(100, server.frame().length);
            assertEquals("the peer announced a frame of 101 bytes, allowed are 1 to 100", server.closed());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 65536})
    void refusesToSendFramesThatCannotTravel(int size) throws Exception {
        Recorder server = new Recorder();
        try (var listener = transport.listen(LOOPBACK, server.acceptor()); Socket peer = plain(listener)) {
            CompletableFuture<Throwable> thrown = new CompletableFuture<>();
            server.link().execute(() -> thrown.complete(assertThrows(IllegalArgumentException.class,
                    () -> server.link.join().send(new byte[size], 0, size))));
            assertEquals("a frame of %d bytes is not in 1..65535".formatted(size),
                    thrown.get(10, TimeUnit.SECONDS).getMessage());
            assertTrue(peer.isConnected());
        }
    }

    @Test
    void echoesOnManyLinksAtOnce() throws Exception {
        int links = 200;
        int rounds = 20;
        List<Recorder> clients = new ArrayList<>();
        try (var listener = transport.listen(LOOPBACK, TcpTransportTest::echo)) {
            for (int i = 0; i < links; i++) {
                clients.add(connect(listener.endpoint()));
            }
            for (int round = 0; round < rounds; round++) {
                for (int i = 0; i < links; i++) {
                    clients.get(i).send(new byte[] {(byte) i, (byte) round}, random(i + 1));
                }
            }
            for (int i = 0; i < links; i++) {
                for (int round = 0; round < rounds; round++) {
                    assertArrayEquals(new byte[] {(byte) i, (byte) round}, clients.get(i).frame());
                    assertEquals(i + 1, clients.get(i).frame().length);
                }
            }
        }
    }

    @Test
    void losesAndReordersNothingWhenTheReaderStopsAndGoesOn() throws Exception {
        int frames = 10_000;
        int size = 1024;
        Recorder reader = new Recorder() {
            private int count;

            @Override
            public void received(byte[] buffer, int offset, int length) {
                super.received(buffer, offset, length);
                if (++count % 1000 == 0) {
                    Link up = link.join();
                    up.reading(false);
                    up.schedule(Duration.ofMillis(5), () -> up.reading(true));
                }
            }
        };
        CompletableFuture<Integer> waits = new CompletableFuture<>();
        LinkAcceptor sender = link -> new LinkHandler() {
            private int sent;
            private int waited;

            private void fill() {
                while (sent < frames && !link.congested()) {
                    byte[] frame = new byte[size];
                    Arrays.fill(frame, (byte) sent);
                    frame[0] = (byte) (sent >> 16);
                    frame[1] = (byte) (sent >> 8);
                    frame[2] = (byte) sent;
                    link.send(frame, 0, size);
                    sent++;
                }
                link.flush();
                if (sent == frames) {
                    waits.complete(waited);
                }
            }

            @Override
            public void received(byte[] buffer, int offset, int length) {
                fill();
            }

            @Override
            public void drained() {
                // fills when asked
            }

            @Override
            public void writable() {
                waited++;
                fill();
            }

            @Override
            public void closed(IOException cause) {
                waits.completeExceptionally(new IOException("closed", cause));
            }
        };
        try (var listener = transport.listen(LOOPBACK, sender)) {
            transport.connect(listener.endpoint(), reader.acceptor(), reader.link::completeExceptionally);
            reader.send(new byte[1]);
            for (int i = 0; i < frames; i++) {
                byte[] frame = reader.frame();
                assertEquals(size, frame.length);
                assertEquals(i, (frame[0] & 0xFF) << 16 | (frame[1] & 0xFF) << 8 | frame[2] & 0xFF);
                assertEquals((byte) i, frame[size - 1]);
            }
            assertTrue(waits.get(10, TimeUnit.SECONDS) > 0, "the sender was never congested");
        }
    }

    @Test
    void tellsASenderThatItsPeerDoesNotReadAndThatItReadsAgain() throws Exception {
        Recorder server = new Recorder();
        int size = 60_000;
        try (var listener = transport.listen(LOOPBACK, server.acceptor()); Socket peer = plain(listener)) {
            Link link = server.link();
            CompletableFuture<Integer> sent = new CompletableFuture<>();
            link.execute(() -> {
                int count = 0;
                while (!link.congested()) {
                    link.send(new byte[size], 0, size);
                    link.flush();
                    count++;
                }
                sent.complete(count);
            });
            int count = sent.get(30, TimeUnit.SECONDS);
            for (int i = 0; i < count; i++) {
                assertEquals(size, readFrame(peer).length);
            }
            while (!"writable".equals(server.events.poll(10, TimeUnit.SECONDS))) {
                assertFalse(server.closed.isDone());
            }
        }
    }

    @Test
    void endsALinkWhoseSenderHeedsNoCongestion() throws Exception {
        Recorder server = new Recorder();
        try (var listener = transport.listen(LOOPBACK, server.acceptor()); Socket peer = plain(listener)) {
            Link link = server.link();
            link.execute(() -> {
                for (int i = 0; i < 1000; i++) {
                    link.send(new byte[65535], 0, 65535);
                    link.flush();
                }
            });
            assertEquals("the peer does not read what it is sent", server.closed());
            assertTrue(peer.isConnected());
        }
    }

    @Test
    void runsTasksOfAThreadInTheirOrderAndDrainsAfterThem() throws Exception {
        Recorder server = new Recorder();
        try (var listener = transport.listen(LOOPBACK, server.acceptor()); Socket peer = plain(listener)) {
            Link link = server.link();
            int threads = 4;
            int tasks = 5000;
            List<List<Integer>> ran = new ArrayList<>();
            CountDownLatch all = new CountDownLatch(threads * tasks);
            for (int t = 0; t < threads; t++) {
                List<Integer> mine = Collections.synchronizedList(new ArrayList<>());
                ran.add(mine);
                Thread.ofVirtual().start(() -> {
                    for (int i = 0; i < tasks; i++) {
                        int number = i;
                        link.execute(() -> {
                            mine.add(number);
                            all.countDown();
                        });
                    }
                });
            }
            assertTrue(all.await(30, TimeUnit.SECONDS));
            for (List<Integer> mine : ran) {
                for (int i = 0; i < tasks; i++) {
                    assertEquals(i, mine.get(i));
                }
            }
            CompletableFuture<Thread> where = new CompletableFuture<>();
            link.execute(() -> {
                server.events.clear();
                server.events.add("task");
                where.complete(Thread.currentThread());
            });
            Thread loop = where.get(10, TimeUnit.SECONDS);
            assertTrue(loop.getName().startsWith("myclerk-tcp-"), loop.getName());
            assertTrue(loop.isDaemon());
            assertEquals("task", server.events.poll(10, TimeUnit.SECONDS));
            assertEquals("drained", server.events.poll(10, TimeUnit.SECONDS));
            assertTrue(peer.isConnected());
        }
    }

    @Test
    void runsTimersByTheirTimeAndNotOnceCancelled() throws Exception {
        Recorder server = new Recorder();
        try (var listener = transport.listen(LOOPBACK, server.acceptor()); Socket peer = plain(listener)) {
            Link link = server.link();
            BlockingQueue<Integer> ran = new LinkedBlockingQueue<>();
            long begin = System.nanoTime();
            int[] delays = {90, 30, 60, 0, 300, 10};
            Link.Timer fromOutside = link.schedule(Duration.ofMillis(50), () -> ran.add(-1));
            fromOutside.cancel();
            link.execute(() -> {
                for (int delay : delays) {
                    link.schedule(Duration.ofMillis(delay), () -> ran.add(delay));
                }
                Link.Timer fromInside = link.schedule(Duration.ofMillis(40), () -> ran.add(-2));
                link.schedule(Duration.ofMillis(20), () -> {
                    fromInside.cancel();
                    ran.add(20);
                });
            });
            List<Integer> order = new ArrayList<>();
            for (int i = 0; i < 7; i++) {
                order.add(ran.poll(10, TimeUnit.SECONDS));
            }
            assertEquals(List.of(0, 10, 20, 30, 60, 90, 300), order);
            assertTrue(System.nanoTime() - begin >= 300_000_000);
            fromOutside.cancel();
            assertNull(ran.poll());
            assertTrue(peer.isConnected());
        }
    }

    @Test
    void hasOneTimeInATurnAndALaterOneInTheNext() throws Exception {
        List<Long> times = Collections.synchronizedList(new ArrayList<>());
        BlockingQueue<Integer> turns = new LinkedBlockingQueue<>();
        Recorder server = new Recorder() {

            @Override
            public void received(byte[] buffer, int offset, int length) {
                look();
            }

            @Override
            public void drained() {
                look();
                turns.add(times.size());
            }

            private void look() {
                times.add(link.join().now());
                long before = System.nanoTime();
                while (System.nanoTime() - before < 1_000) {
                    Thread.onSpinWait();
                }
            }
        };
        try (var listener = transport.listen(LOOPBACK, server.acceptor()); Socket peer = plain(listener)) {
            turns.poll(10, TimeUnit.SECONDS);
            times.clear();
            for (int turn = 0; turn < 3; turn++) {
                long begin = System.nanoTime();
                peer.getOutputStream().write(concat(framed(random(3)), framed(random(5))));
                assertEquals(3, turns.poll(10, TimeUnit.SECONDS), "two frames and the end of the turn");
                assertEquals(1, Set.copyOf(times).size(), "one time");
                assertTrue(times.getFirst() - begin > 0, "a time before what it is the time of");
                times.clear();
            }
        }
    }

    @Test
    void dropsTasksAndTimersOfALinkThatHasEnded() throws Exception {
        Recorder server = new Recorder();
        Recorder other = new Recorder();
        TcpTransport single = new TcpTransport(1);
        try (single;
                var listener = single.listen(LOOPBACK, server.acceptor());
                var others = single.listen(LOOPBACK, other.acceptor());
                Socket peer = plain(listener);
                Socket second = plain(others)) {
            BlockingQueue<String> ran = new LinkedBlockingQueue<>();
            Link link = server.link();
            // In one task, so that the timer cannot be due before the link is closed.
            link.execute(() -> {
                link.schedule(Duration.ofMillis(20), () -> ran.add("timer of the ended link"));
                link.close();
            });
            assertNull(server.closed());
            link.execute(() -> ran.add("task of the ended link"));
            link.schedule(Duration.ofMillis(20), () -> ran.add("late timer of the ended link"));
            other.link().schedule(Duration.ofMillis(60), () -> ran.add("end"));
            assertEquals("end", ran.poll(10, TimeUnit.SECONDS));
            assertEquals(-1, read(peer));
            assertTrue(second.isConnected());
        }
    }

    @Test
    void writesWhatIsQueuedBeforeItCloses() throws Exception {
        Recorder server = new Recorder();
        int frames = 160;
        try (var listener = transport.listen(LOOPBACK, server.acceptor()); Socket peer = plain(listener)) {
            // Something unread at the closing side makes a careless close lose what is on its way.
            peer.getOutputStream().write(framed(random(60_000)));
            Link link = server.link();
            link.execute(() -> {
                link.reading(false);
                for (int i = 0; i < frames; i++) {
                    link.send(new byte[65535], 0, 65535);
                }
                link.close();
                link.send(new byte[1], 0, 1);
            });
            peer.getOutputStream().write(framed(random(60_000)));
            for (int i = 0; i < frames; i++) {
                assertEquals(65535, readFrame(peer).length);
            }
            assertEquals(-1, read(peer));
            assertNull(server.closed());
        }
    }

    @Test
    void flushesWhatIsQueuedWhenTheTransportStops() throws Exception {
        Recorder server = new Recorder();
        int frames = 100;
        try (var listener = transport.listen(LOOPBACK, server.acceptor()); Socket peer = plain(listener)) {
            Link link = server.link();
            CountDownLatch queued = new CountDownLatch(1);
            link.execute(() -> {
                for (int i = 0; i < frames; i++) {
                    link.send(new byte[65535], 0, 65535);
                }
                queued.countDown();
            });
            queued.await();
            CompletableFuture<Void> stopped = CompletableFuture.runAsync(transport::close);
            for (int i = 0; i < frames; i++) {
                assertEquals(65535, readFrame(peer).length);
            }
            assertEquals(-1, read(peer));
            peer.shutdownOutput();
            stopped.get(10, TimeUnit.SECONDS);
            assertNull(server.closed());
        }
    }

    @Test
    void stopsWithinSecondsThoughAPeerReadsNothing() throws Exception {
        Recorder server = new Recorder();
        try (var listener = transport.listen(LOOPBACK, server.acceptor()); Socket peer = plain(listener)) {
            Link link = server.link();
            CountDownLatch queued = new CountDownLatch(1);
            link.execute(() -> {
                for (int i = 0; i < 200; i++) {
                    link.send(new byte[65535], 0, 65535);
                }
                queued.countDown();
            });
            queued.await();
            long begin = System.nanoTime();
            transport.close();
            assertTrue(System.nanoTime() - begin < 2_500_000_000L);
            server.closed();
            assertTrue(peer.isConnected());
            assertThrows(IOException.class, () -> transport.listen(LOOPBACK, server.acceptor()));
            CompletableFuture<IOException> failed = new CompletableFuture<>();
            transport.connect(LOOPBACK, server.acceptor(), failed::complete);
            assertEquals("the TCP transport has stopped", failed.get().getMessage());
        }
    }

    @Test
    void tellsWhetherThePeerEndedInOrder() throws Exception {
        Recorder server = new Recorder();
        try (var listener = transport.listen(LOOPBACK, server.acceptor())) {
            try (Socket peer = plain(listener)) {
                peer.getOutputStream().write(framed(random(4)));
                server.frame();
            }
            assertNull(server.closed());
        }
        Recorder cut = new Recorder();
        try (var listener = transport.listen(LOOPBACK, cut.acceptor())) {
            try (Socket peer = plain(listener)) {
                peer.getOutputStream().write(framed(random(4)), 0, 6);
                settled(cut);
            }
            assertEquals("the peer ended in the middle of a frame", cut.closed());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"accept", "received", "drained", "execute", "schedule", "writable", "closed"})
    void survivesAHandlerThatThrows(String where) throws Exception {
        List<LogRecord> logged = Collections.synchronizedList(new ArrayList<>());
        Logger logger = Logger.getLogger("org.myclerk.transport.tcp");
        Handler keeper = new Handler() {
            @Override
            public void publish(LogRecord entry) {
                if (entry.getLevel() == Level.WARNING) {
                    logged.add(entry);
                }
            }

            @Override
            public void flush() {
                // keeps all
            }

            @Override
            public void close() {
                // keeps all
            }
        };
        logger.addHandler(keeper);
        logger.setUseParentHandlers(false);
        TcpTransport single = new TcpTransport(1);
        Recorder good = new Recorder();
        Recorder bad = new Recorder() {
            private void at(String here) {
                if (here.equals(where)) {
                    throw new IllegalStateException("on purpose");
                }
            }

            @Override
            public void received(byte[] buffer, int offset, int length) {
                super.received(buffer, offset, length);
                at("received");
                Link up = link.join();
                switch (where) {
                    case "execute" -> up.execute(() -> at("execute"));
                    case "schedule" -> up.schedule(Duration.ZERO, () -> at("schedule"));
                    case "closed" -> up.close();
                    case "writable" -> {
                        up.send(new byte[65535], 0, 65535);
                        up.send(new byte[65535], 0, 65535);
                        assertTrue(up.congested());
                        up.flush();
                    }
                    default -> { }
                }
            }

            @Override
            public void drained() {
                if (!frames.isEmpty()) {
                    at("drained");
                }
            }

            @Override
            public void writable() {
                at("writable");
            }

            @Override
            public void closed(IOException cause) {
                super.closed(cause);
                at("closed");
            }
        };
        LinkAcceptor first = link -> {
            if (where.equals("accept")) {
                throw new IllegalStateException("on purpose");
            }
            return bad.acceptor().accept(link);
        };
        try (single;
                var badListener = single.listen(LOOPBACK, first);
                var listener = single.listen(LOOPBACK, good.acceptor());
                Socket peer = plain(listener)) {
            try (Socket victim = plain(badListener)) {
                victim.getOutputStream().write(framed(random(3)));
                while (read(victim) >= 0) {
                    // until it is closed
                }
            }
            peer.getOutputStream().write(framed(new byte[] {42}));
            assertArrayEquals(new byte[] {42}, good.frame());
            try (Socket again = plain(badListener)) {
                assertTrue(again.isConnected());
            }
            assertFalse(logged.isEmpty());
            assertEquals("on purpose", logged.getFirst().getThrown().getMessage());
            assertTrue(logged.getFirst().getThrown().getStackTrace().length > 0);
        } finally {
            logger.removeHandler(keeper);
            logger.setUseParentHandlers(true);
        }
    }

    @Test
    void closesALinkThatNobodyWants() throws Exception {
        try (var listener = transport.listen(LOOPBACK, _ -> null); Socket peer = plain(listener)) {
            assertEquals(-1, read(peer));
        }
    }

    @Test
    void listensOnEveryAddressAndTellsTheRealPort() throws Exception {
        Recorder server = new Recorder();
        try (var listener = transport.listen(new Endpoint("tcp", "::", 0), server.acceptor())) {
            int port = listener.endpoint().port();
            assertTrue(port > 0);
            assertEquals("[::]:" + port, listener.endpoint().toString());
            try (Socket peer = new Socket("127.0.0.1", port)) {
                assertEquals("127.0.0.1", server.link().address().getHostAddress());
                assertEquals(new Endpoint("tcp", "127.0.0.1", peer.getLocalPort()), server.link().remote());
            }
        }
    }

    @Test
    void takesIPv6() throws Exception {
        Recorder server = new Recorder();
        try (var listener = transport.listen(new Endpoint("tcp", "::1", 0), server.acceptor());
                Socket peer = new Socket("::1", listener.endpoint().port())) {
            assertEquals(InetAddress.getByName("::1"), server.link().address());
            assertTrue(peer.isConnected());
        }
    }

    @Test
    void saysThatAPortIsTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket()) {
            taken.bind(new InetSocketAddress("127.0.0.1", 0));
            int port = taken.getLocalPort();
            IOException refused = assertThrows(IOException.class,
                    () -> transport.listen(new Endpoint("tcp", "127.0.0.1", port), _ -> null));
            assertEquals("port %d is in use by another program; choose another with --listen".formatted(port),
                    refused.getMessage());
        }
    }

    @Test
    void saysThatAnAddressIsNotOurs() {
        IOException refused = assertThrows(IOException.class,
                () -> transport.listen(new Endpoint("tcp", "192.0.2.1", 0), _ -> null));
        assertEquals("192.0.2.1 is not an address of this machine; choose another with --listen",
                refused.getMessage());
    }

    @Test
    void freesThePortWhenTheListenerIsClosed() throws Exception {
        Recorder server = new Recorder();
        Transport.Listener listener = transport.listen(LOOPBACK, server.acceptor());
        Recorder client = connect(listener.endpoint());
        server.link();
        for (int i = 0; i < 50; i++) {
            listener.close();
            listener = transport.listen(listener.endpoint(), _ -> null);
        }
        listener.close();
        byte[] frame = random(10);
        client.send(frame);
        assertArrayEquals(frame, server.frame(), "links that are up stay up");
    }

    @Test
    void saysWhyItCannotConnect() throws Exception {
        int port;
        try (ServerSocket gone = new ServerSocket(0)) {
            port = gone.getLocalPort();
        }
        CompletableFuture<IOException> refused = new CompletableFuture<>();
        transport.connect(new Endpoint("tcp", "127.0.0.1", port), _ -> null, refused::complete);
        assertEquals("127.0.0.1:%d refuses connections; is a node running there?".formatted(port),
                refused.get(15, TimeUnit.SECONDS).getMessage());
        CompletableFuture<IOException> unknown = new CompletableFuture<>();
        transport.connect(new Endpoint("tcp", "nowhere.invalid", 1), _ -> null, unknown::complete);
        assertEquals("there is no host called nowhere.invalid; check the name",
                unknown.get(15, TimeUnit.SECONDS).getMessage());
    }

    @Test
    void givesUpOnAHostThatDoesNotAnswer() throws Exception {
        // A full backlog leaves further connections unanswered.
        try (ServerSocket deaf = new ServerSocket()) {
            deaf.bind(new InetSocketAddress("127.0.0.1", 0), 1);
            Endpoint endpoint = new Endpoint("tcp", "127.0.0.1", deaf.getLocalPort());
            List<Socket> filling = new ArrayList<>();
            try {
                for (boolean full = false; !full && filling.size() < 64;) {
                    Socket socket = new Socket();
                    filling.add(socket);
                    try {
                        socket.connect(deaf.getLocalSocketAddress(), 200);
                    } catch (SocketTimeoutException _) {
                        full = true;
                    }
                }
                CompletableFuture<IOException> failed = new CompletableFuture<>();
                transport.connect(endpoint, _ -> null, failed::complete, Duration.ofSeconds(1));
                assertEquals(endpoint + " did not answer within 1 s",
                        failed.get(10, TimeUnit.SECONDS).getMessage());
            } finally {
                for (Socket socket : filling) {
                    socket.close();
                }
            }
        }
    }

    @Test
    void triesEveryAddressOfAName() throws Exception {
        Recorder server = new Recorder();
        try (var listener = transport.listen(LOOPBACK, server.acceptor())) {
            Recorder client = connect(new Endpoint("tcp", "localhost", listener.endpoint().port()));
            client.send(new byte[] {1});
            assertArrayEquals(new byte[] {1}, server.frame());
        }
    }

    @Test
    void sleepsWhenThereIsNothingToDo() throws Exception {
        Recorder server = new Recorder();
        try (var listener = transport.listen(LOOPBACK, server.acceptor()); Socket peer = plain(listener)) {
            Link link = server.link();
            link.execute(() -> {
                link.reading(false);
                for (int i = 0; i < 200; i++) {
                    link.send(new byte[65535], 0, 65535);
                }
                assertTrue(link.congested());
                link.flush();
            });
            peer.getOutputStream().write(framed(random(10_000)));
            settled(server);
            long[] loops = Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().startsWith("myclerk-tcp-"))
                    .mapToLong(Thread::threadId).toArray();
            long before = cpu(loops);
            CountDownLatch later = new CountDownLatch(1);
            link.schedule(Duration.ofMillis(500), later::countDown);
            assertTrue(later.await(10, TimeUnit.SECONDS));
            assertTrue(cpu(loops) - before < 100_000_000, "used %d ns".formatted(cpu(loops) - before));
        }
    }

    @Test
    void leavesNothingBehindAfterTenThousandLinks() throws Exception {
        int batches = 100;
        int size = 100;
        AtomicInteger ended = new AtomicInteger();
        Recorder warm = new Recorder();
        long before;
        TcpTransport own = new TcpTransport(2);
        try (own) {
            try (var listener = own.listen(LOOPBACK, link -> counting(link, ended))) {
                own.connect(listener.endpoint(), warm.acceptor(), warm.link::completeExceptionally);
                warm.link();
                before = descriptors();
                for (int batch = 0; batch < batches; batch++) {
                    List<Recorder> clients = new ArrayList<>();
                    for (int i = 0; i < size; i++) {
                        Recorder client = new Recorder();
                        own.connect(listener.endpoint(), client.acceptor(),
                                client.link::completeExceptionally);
                        clients.add(client);
                    }
                    for (Recorder client : clients) {
                        Link link = client.link();
                        link.execute(() -> {
                            link.schedule(Duration.ofHours(1), () -> { });
                            link.send(new byte[20], 0, 20);
                            link.close();
                        });
                    }
                    for (Recorder client : clients) {
                        assertNull(client.closed());
                    }
                }
                released(warm.link(), before + 2);
                assertEquals(batches * size, ended.get());
            }
        }
        assertTrue(descriptors() <= before, "descriptors are left");
        assertTrue(Thread.getAllStackTraces().keySet().stream().noneMatch(thread -> thread.isAlive()
                && thread.getName().startsWith("myclerk-tcp-")), "a thread is left");
    }

    /** Lets turns of the loop pass until no more descriptors than that are open. */
    private static void released(Link link, long most) throws Exception {
        for (int turns = 0; descriptors() > most; turns++) {
            assertTrue(turns < 1000, "%d descriptors are open, not %d".formatted(descriptors(), most));
            CountDownLatch turn = new CountDownLatch(1);
            link.schedule(Duration.ofMillis(10), turn::countDown);
            turn.await();
        }
    }

    private static LinkHandler counting(Link up, AtomicInteger ended) {
        return new Recorder() {
            @Override
            public void closed(IOException cause) {
                ended.incrementAndGet();
            }

            @Override
            public void received(byte[] buffer, int offset, int length) {
                up.send(buffer, offset, length);
                up.flush();
            }
        };
    }

    private static LinkHandler echo(Link link) {
        return new LinkHandler() {
            @Override
            public void received(byte[] buffer, int offset, int length) {
                link.send(buffer, offset, length);
            }

            @Override
            public void drained() {
                link.flush();
            }

            @Override
            public void writable() {
                // never waits
            }

            @Override
            public void closed(IOException cause) {
                // nothing to let go
            }
        };
    }

    private Recorder connect(Endpoint endpoint) throws Exception {
        Recorder client = new Recorder();
        transport.connect(endpoint, client.acceptor(), client.link::completeExceptionally);
        client.link();
        return client;
    }

    private static long cpu(long[] threads) {
        long sum = 0;
        for (long thread : threads) {
            sum += ManagementFactory.getThreadMXBean().getThreadCpuTime(thread);
        }
        return sum;
    }

    private static long descriptors() {
        return new File("/proc/self/fd").list().length;
    }

    /** Lets the loop read what has come: it runs this after at least one turn of its selector. */
    private static void settled(Recorder recorder) throws Exception {
        for (int i = 0; i < 2; i++) {
            CountDownLatch turn = new CountDownLatch(1);
            recorder.link().execute(turn::countDown);
            assertTrue(turn.await(10, TimeUnit.SECONDS));
        }
    }

    private static Socket plain(Transport.Listener listener) throws IOException {
        Socket socket = new Socket("127.0.0.1", listener.endpoint().port());
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(20_000);
        return socket;
    }

    /** The next byte, -1 at the end, whether or not it came in order. */
    private static int read(Socket socket) {
        try {
            return socket.getInputStream().read();
        } catch (SocketTimeoutException late) {
            throw new UncheckedIOException(late);
        } catch (IOException _) {
            return -1;
        }
    }

    private static byte[] readFrame(Socket socket) throws IOException {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        byte[] frame = new byte[in.readInt()];
        in.readFully(frame);
        return frame;
    }

    private static byte[] framed(byte[] frame) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeInt(frame.length);
        out.write(frame);
        return bytes.toByteArray();
    }

    private static byte[] concat(byte[]... parts) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            bytes.write(part);
        }
        return bytes.toByteArray();
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }
}
