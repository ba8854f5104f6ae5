package org.myclerk.vendor.node.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.myclerk.api.client.Peer;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.transport.Endpoint;
import org.myclerk.api.transport.Link;
import org.myclerk.api.transport.LinkHandler;
import org.myclerk.testing.TestFamily;
import org.myclerk.testing.TestNode;
import org.myclerk.vendor.node.NodeOperations;
import org.myclerk.vendor.node.TunnelSend;

/** A tunnel from a caller's transport to the link at the node, over a session in memory. */
@Timeout(30)
class TunnelTest {

    /** A node that hands the links it gets to the test, and has one peer, called far. */
    private static final class Accepting extends TestNode {

        final BlockingQueue<Recorder> accepted = new LinkedBlockingQueue<>();
        volatile Peer far;

        @Override
        public LinkHandler accept(Link link) {
            Recorder recorder = new Recorder(link);
            accepted.add(recorder);
            return recorder;
        }

        @Override
        public Peer peer(String nameOrId) throws Refused {
            return nameOrId.equals("far") ? far : super.peer(nameOrId);
        }
    }

    private final Accepting node = new Accepting();
    private final NodeHandler handler = new NodeHandler(node, new TestFamily(), "0.1.0",
            InstantSource.system());
    private final CallerSide session = new CallerSide(handler.bindings(), 1);
    private final TunnelTransport transport = new TunnelTransport(session);

    private final Accepting farNode = new Accepting();
    private final NodeHandler farHandler =
            new NodeHandler(farNode, new TestFamily(), "0.1.0", InstantSource.system());
    private final CallerSide between = new CallerSide(farHandler.bindings(), 2);

    TunnelTest() {
        node.far = between;
    }

    @AfterEach
    void stop() {
        session.endSession();
        between.endSession();
        handler.close();
        farHandler.close();
        transport.close();
    }

    private Recorder connect(String name) {
        CompletableFuture<Recorder> connected = new CompletableFuture<>();
        transport.connect(new Endpoint("tunnel", name, 1), link -> {
            Recorder recorder = new Recorder(link);
            connected.complete(recorder);
            return recorder;
        }, connected::completeExceptionally);
        return connected.join();
    }

    private static Bytes frame(int number, int size) {
        byte[] bytes = new byte[size];
        bytes[0] = (byte) (number >> 8);
        bytes[1] = (byte) number;
        return Bytes.wrap(bytes);
    }

    /** Sends frames as a well-behaved sender does: no more while the link is congested. */
    private static void sendAll(Recorder from, int count, int size) throws InterruptedException {
        for (int i = 0; i < count; i++) {
            byte[] bytes = frame(i, size).toArray();
            CompletableFuture<Boolean> congested = new CompletableFuture<>();
            from.on(() -> {
                from.link.send(bytes, 0, bytes.length);
                congested.complete(from.link.congested());
            });
            if (congested.join()) {
                from.writable.take();
            }
        }
    }

    private static void takeAll(Recorder at, int count, int size) throws InterruptedException {
        for (int i = 0; i < count; i++) {
            assertEquals(frame(i, size), at.frames.take(), "frame " + i);
        }
    }

    @Test
    void carriesFramesBothWaysInOrder() throws Exception {
        Recorder near = connect("self");
        Recorder here = node.accepted.take();
        Thread up = Thread.ofVirtual().start(() -> assertSent(near, 300));
        Thread down = Thread.ofVirtual().start(() -> assertSent(here, 300));
        takeAll(here, 300, 2000);
        takeAll(near, 300, 2000);
        up.join();
        down.join();
        assertFalse(near.elsewhere.isDone());
        assertFalse(here.elsewhere.isDone());
    }

    private static void assertSent(Recorder from, int count) {
        try {
            sendAll(from, count, 2000);
        } catch (InterruptedException stopped) {
            throw new IllegalStateException(stopped);
        }
    }

    @Test
    void carriesFramesThroughANodeToItsPeer() throws Exception {
        Recorder near = connect("far");
        Recorder far = farNode.accepted.take();
        assertEquals(0, node.accepted.size());
        sendAll(near, 100, 32768);
        sendAll(far, 100, 32768);
        takeAll(far, 100, 32768);
        takeAll(near, 100, 32768);
    }

    @Test
    void slowsTheSenderWhileTheOtherEndDoesNotRead() throws Exception {
        Recorder near = connect("self");
        Recorder here = node.accepted.take();
        CompletableFuture<Void> stopped = new CompletableFuture<>();
        here.on(() -> {
            here.link.reading(false);
            stopped.complete(null);
        });
        stopped.join();
        CompletableFuture<Integer> sent = new CompletableFuture<>();
        near.on(() -> {
            int count = 0;
            while (!near.link.congested()) {
                near.link.send(frame(count++, 1000).toArray(), 0, 1000);
            }
            sent.complete(count);
        });
        assertTrue(sent.join() > 60 && sent.join() < 80, sent.join() + " frames");
        assertTrue(here.frames.isEmpty());
        assertTrue(near.writable.isEmpty());
        here.on(() -> here.link.reading(true));
        near.writable.take();
        takeAll(here, sent.join(), 1000);
    }

    @Test
    void writesWhatIsQueuedBeforeTheCallerCloses() throws Exception {
        Recorder near = connect("self");
        Recorder here = node.accepted.take();
        near.on(() -> {
            near.link.send(new byte[] {1, 2}, 0, 2);
            near.link.close();
        });
        assertEquals(Bytes.wrap((byte) 1, (byte) 2), here.frames.take());
        assertEquals("", near.closed.join());
        assertEquals("", here.closed.join());
        nothingIsLeft(near, here);
    }

    @Test
    void writesWhatIsQueuedBeforeTheNodeCloses() throws Exception {
        Recorder near = connect("self");
        Recorder here = node.accepted.take();
        here.on(() -> {
            here.link.send(new byte[] {1, 2}, 0, 2);
            here.link.close();
        });
        assertEquals(Bytes.wrap((byte) 1, (byte) 2), near.frames.take());
        assertEquals("", here.closed.join());
        assertEquals("", near.closed.join());
        nothingIsLeft(near, here);
    }

    @Test
    void hasTheNodesEndComeToItsEndWhenTheHandlerGoes() throws Exception {
        Recorder near = connect("self");
        Recorder here = node.accepted.take();
        session.handlerGoes();
        here.leaving.join();
        here.on(() -> {
            here.link.send(new byte[] {1, 2}, 0, 2);
            here.link.close();
        });
        assertEquals(Bytes.wrap((byte) 1, (byte) 2), near.frames.take());
        assertEquals("", near.closed.join());
        nothingIsLeft(near, here);
    }

    @Test
    void closesInOrderAfterTheTransport() throws Exception {
        Recorder near = connect("self");
        Recorder here = node.accepted.take();
        transport.close();
        near.on(() -> {
            near.link.send(new byte[] {3}, 0, 1);
            near.link.close();
        });
        assertEquals(Bytes.wrap((byte) 3), here.frames.take());
        assertEquals("", near.closed.join());
    }

    @Test
    void endsWithTheSessionAtBothEnds() throws Exception {
        Recorder near = connect("self");
        Recorder here = node.accepted.take();
        session.endSession();
        assertEquals("the session ended", near.closed.join());
        assertEquals("", here.closed.join());
        nothingIsLeft(near, here);
    }

    @Test
    void endsARelayWhenEitherSideEnds() throws Exception {
        Recorder near = connect("far");
        Recorder far = farNode.accepted.take();
        near.on(near.link::close);
        far.closed.join();
        nothingIsLeft(near, far);

        near = connect("far");
        far = farNode.accepted.take();
        far.on(far.link::close);
        assertEquals("", near.closed.join());
        nothingIsLeft(near, far);

        near = connect("far");
        far = farNode.accepted.take();
        between.endSession();
        near.closed.join();
        far.closed.join();
        nothingIsLeft(near, far);
    }

    private void nothingIsLeft(Recorder... ends) throws InterruptedException {
        for (Recorder end : ends) {
            end.closed.join();
            end.loop.join();
        }
        session.idle();
        between.idle();
        assertEquals(0, handler.openTunnels());
        assertEquals(0, farHandler.openTunnels());
    }

    @Test
    void runsTimersOnTheLoopUntilTheLinkEnds() throws Exception {
        Recorder near = connect("self");
        CompletableFuture<Thread> ran = new CompletableFuture<>();
        near.on(() -> near.link.schedule(Duration.ofMillis(1), () -> ran.complete(Thread.currentThread())));
        assertEquals(near.loop, ran.join());
        CompletableFuture<Thread> never = new CompletableFuture<>();
        near.on(() -> {
            near.link.schedule(Duration.ofMillis(1), () -> never.complete(Thread.currentThread())).cancel();
            near.link.schedule(Duration.ofMillis(20), near.link::close);
        });
        near.closed.join();
        assertFalse(never.isDone());
    }

    @Test
    void endsTheLinkAtAFrameAboveTheLimit() throws Exception {
        Recorder near = connect("self");
        Recorder here = node.accepted.take();
        CompletableFuture<Void> limited = new CompletableFuture<>();
        here.on(() -> {
            here.link.receiveLimit(10);
            limited.complete(null);
        });
        limited.join();
        near.send(new byte[11]);
        assertEquals("the peer sent a frame of 11 bytes, allowed are 1 to 10", here.closed.join());
        near.closed.join();
        nothingIsLeft(near, here);
    }

    @Test
    void keepsTunnelsToTheSessionThatOpenedThem() throws Exception {
        connect("self");
        Recorder here = node.accepted.take();
        CallerSide other = new CallerSide(handler.bindings(), 9);
        Refused refused = assertThrows(Refused.class, () -> other.call(NodeOperations.NODE_TUNNEL_SEND,
                new TunnelSend(1, Bytes.wrap((byte) 1))));
        assertEquals(ErrorCode.NOT_FOUND, refused.code());
        session.call(NodeOperations.NODE_TUNNEL_SEND, new TunnelSend(1, Bytes.wrap((byte) 2)));
        assertEquals(Bytes.wrap((byte) 2), here.frames.take());
    }

    @Test
    void saysWhyItCannotConnect() {
        Exception failed = assertThrows(Exception.class, () -> connect("nobody"));
        assertEquals("no peer is called nobody", failed.getCause().getMessage());
        assertThrows(IOException.class, () -> transport.listen(new Endpoint("tunnel", "self", 1),
                Recorder::new));
    }

    @Test
    void endsAtBothEndsWhenTheHandlerStops() throws Exception {
        Recorder near = connect("self");
        Recorder here = node.accepted.take();
        handler.close();
        assertEquals("", near.closed.join());
        nothingIsLeft(near, here);
    }
}
