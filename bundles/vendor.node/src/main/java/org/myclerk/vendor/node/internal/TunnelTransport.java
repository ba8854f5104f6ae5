package org.myclerk.vendor.node.internal;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.Consumer;

import org.myclerk.api.client.Followed;
import org.myclerk.api.client.Peer;
import org.myclerk.api.client.Peer.CallOptions;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.transport.Endpoint;
import org.myclerk.api.transport.LinkAcceptor;
import org.myclerk.api.transport.Transport;
import org.myclerk.vendor.node.NodeOperations;
import org.myclerk.vendor.node.Tunnel;
import org.myclerk.vendor.node.TunnelFrame;
import org.myclerk.vendor.node.TunnelSend;

/**
 * Reaches a node through another one, which carries frames it cannot read: NODE_TUNNEL as a transport. An
 * endpoint is the name or id of a peer of that other node: {@code new Endpoint("tunnel", "kitchen-pi", 1)};
 * its port means nothing.
 */
public final class TunnelTransport implements Transport, AutoCloseable {

    /** Of its endpoints. */
    public static final String SCHEME = "tunnel";

    private static final int CREDIT = 64;
    /** A frame is answered when the far handler has had it, and that may stop reading for a while. */
    private static final CallOptions PATIENT = new CallOptions(null, Duration.ofMinutes(10));

    private final Peer own;
    private final ScheduledThreadPoolExecutor timers = TunnelLink.newTimers("tunnel timers");

    /** @param own the node that carries the frames */
    public TunnelTransport(Peer own) {
        this.own = own;
    }

    @Override
    public String scheme() {
        return SCHEME;
    }

    @Override
    public boolean ordered() {
        return true;
    }

    @Override
    public int largestFrame() {
        return TunnelLink.LARGEST_FRAME;
    }

    @Override
    public Listener listen(Endpoint endpoint, LinkAcceptor acceptor) throws IOException {
        throw new IOException("a tunnel does not listen; it is opened through a node");
    }

    @Override
    public void connect(Endpoint endpoint, LinkAcceptor acceptor, Consumer<IOException> failed) {
        Thread.ofVirtual().name("tunnel down " + endpoint.host()).start(() -> {
            try {
                open(endpoint, acceptor);
            } catch (Refused refused) {
                failed.accept(new IOException(refused.getMessage(), refused));
            } catch (IOException broken) {
                failed.accept(broken);
            } catch (InterruptedException stopped) {
                failed.accept(new IOException("the tunnel was stopped", stopped));
            }
        });
    }

    /** Throws only before the link is up. */
    private void open(Endpoint endpoint, LinkAcceptor acceptor)
            throws Refused, IOException, InterruptedException {
        try (Followed<TunnelFrame> down =
                own.follow(NodeOperations.NODE_TUNNEL, new Tunnel(endpoint.host()), CREDIT,
                CallOptions.USUAL)) {
            TunnelFrame first = down.next();
            if (first == null || down.last()) {
                throw new IOException("the tunnel to %s ended before it was open".formatted(endpoint.host()));
            }
            TunnelLink link = new TunnelLink(endpoint, timers);
            Thread here = Thread.currentThread();
            Thread up = Thread.ofVirtual().name("tunnel up " + endpoint.host()).unstarted(() -> {
                up(link, first.tunnel());
                here.interrupt();
            });
            link.start(acceptor);
            up.start();
            try {
                down(link, down);
            } finally {
                up.interrupt();
            }
        }
    }

    private static void down(TunnelLink link, Followed<TunnelFrame> down) {
        try {
            for (TunnelFrame answer = down.next(); answer != null; answer = down.next()) {
                Optional<Bytes> frame = answer.frame();
                if (frame.isPresent() && !link.receive(frame.get())) {
                    return;
                }
            }
            link.end(null);
        } catch (Refused refused) {
            link.end(new IOException(refused.getMessage(), refused));
        } catch (IOException broken) {
            link.end(broken);
        } catch (InterruptedException ended) {
            link.end(null);
        }
    }

    private void up(TunnelLink link, long tunnel) {
        try {
            for (Bytes frame = link.next(); frame != null; frame = link.next()) {
                own.call(NodeOperations.NODE_TUNNEL_SEND, new TunnelSend(tunnel, frame), PATIENT);
            }
        } catch (Refused refused) {
            link.end(new IOException(refused.getMessage(), refused));
        } catch (IOException broken) {
            link.end(broken);
        } catch (InterruptedException ended) {
            link.end(null);
        }
    }

    /** Ends the timers of its links, which can still be closed in order. */
    @Override
    public void close() {
        timers.shutdownNow();
    }
}
