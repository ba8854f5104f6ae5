package org.myclerk.vendor.node.internal;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

import org.myclerk.api.client.Followed;
import org.myclerk.api.client.Peer;
import org.myclerk.api.client.Peer.CallOptions;
import org.myclerk.api.node.Node;
import org.myclerk.api.operation.Answers;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.None;
import org.myclerk.api.payload.Done;
import org.myclerk.api.transport.Endpoint;
import org.myclerk.vendor.node.NodeOperations;
import org.myclerk.vendor.node.Tunnel;
import org.myclerk.vendor.node.TunnelFrame;
import org.myclerk.vendor.node.TunnelSend;

/**
 * The tunnels that callers have open through this node, to itself or to a peer of it. A tunnel lives as long
 * as the call that opened it and belongs to that call's session.
 */
final class Tunnels implements AutoCloseable {

    private static final String SELF = "self";
    private static final int CREDIT = 64;
    private static final CallOptions PATIENT = new CallOptions(null, Duration.ofMinutes(10));

    private final Node node;
    private final Map<Long, Open> open = new ConcurrentHashMap<>();
    private final AtomicLong last = new AtomicLong();
    private final ScheduledThreadPoolExecutor timers = TunnelLink.newTimers("tunnel timers");

    Tunnels(Node node) {
        this.node = node;
    }

    /** Where the frames of a caller go. */
    private interface Up {

        /** Waits until the frame was handed over; false if the tunnel has ended. */
        boolean send(Bytes frame) throws InterruptedException;
    }

    /** An open tunnel, which takes one frame at a time; callers that want an order wait for each answer. */
    private record Open(Bytes session, Up up, Runnable end, ReentrantLock order) {

        boolean send(Bytes frame) throws InterruptedException {
            order.lockInterruptibly();
            try {
                return up.send(frame);
            } finally {
                order.unlock();
            }
        }
    }

    /** Serves NODE_TUNNEL until either side ends. */
    TunnelFrame open(Caller caller, Tunnel request, Answers<TunnelFrame> answers)
            throws Refused, InterruptedException {
        refuseUnfollowed(answers);
        String peer = request.peer();
        boolean here = peer.equals(SELF) || peer.equals(node.name())
                || peer.equalsIgnoreCase(node.id().toHex());
        long number = last.incrementAndGet();
        return here ? here(number, caller, answers) : through(number, peer, caller, answers);
    }

    /** Serves NODE_TUNNEL_HERE: what another node opens for a tunnel of its caller. */
    TunnelFrame here(Caller caller, None request, Answers<TunnelFrame> answers)
            throws Refused, InterruptedException {
        refuseUnfollowed(answers);
        return here(last.incrementAndGet(), caller, answers);
    }

    private static void refuseUnfollowed(Answers<?> answers) throws Refused {
        if (!answers.followed()) {
            throw Refused.badRequest("a tunnel is a followed call: send credit with the request");
        }
    }

    /** Serves NODE_TUNNEL_SEND. */
    Done send(Caller caller, TunnelSend request) throws Refused, InterruptedException {
        Open tunnel = open.get(request.tunnel());
        if (tunnel == null || !tunnel.session.equals(caller.session()) || !tunnel.send(request.frame())) {
            throw Refused.notFound("tunnel %d is not open on this session".formatted(request.tunnel()));
        }
        return Done.DONE;
    }

    /** How many are open. */
    int count() {
        return open.size();
    }

    /** Ends them all. */
    @Override
    public void close() {
        open.values().forEach(tunnel -> tunnel.end.run());
        timers.shutdownNow();
    }

    private static TunnelFrame empty(long number) {
        return new TunnelFrame(number, Optional.empty());
    }

    private TunnelFrame here(long number, Caller caller, Answers<TunnelFrame> answers)
            throws InterruptedException {
        TunnelLink link = new TunnelLink(new Endpoint(TunnelTransport.SCHEME, caller.name(), 1), timers);
        open.put(number, new Open(caller.session(), link::receive, () -> link.end(null),
                new ReentrantLock(true)));
        try {
            answers.onEnd(() -> link.end(null));
            link.start(node::accept);
            answers.onLeave(link::leave);
            boolean wanted = answers.send(empty(number));
            for (Bytes frame = wanted ? link.next() : null; frame != null; frame = link.next()) {
                if (!answers.send(new TunnelFrame(number, Optional.of(frame)))) {
                    break;
                }
            }
            return empty(number);
        } finally {
            open.remove(number);
            link.end(null);
        }
    }

    private TunnelFrame through(long number, String name, Caller caller, Answers<TunnelFrame> answers)
            throws Refused, InterruptedException {
        Relay relay = new Relay(Thread.currentThread());
        answers.onEnd(relay::end);
        try {
            Peer far = node.peer(name);
            try (Followed<TunnelFrame> down =
                    far.follow(NodeOperations.NODE_TUNNEL_HERE, None.NONE, CREDIT, CallOptions.USUAL)) {
                TunnelFrame first = down.next();
                if (first == null || down.last()) {
                    throw Refused.unavailable("%s ended the tunnel before it was open".formatted(name));
                }
                open.put(number, new Open(caller.session(), frame -> relay.up(far, first.tunnel(), frame),
                        relay::end, new ReentrantLock(true)));
                if (answers.send(empty(number))) {
                    down(number, down, answers);
                }
            }
        } catch (IOException unreachable) {
            if (open.get(number) == null) {
                throw Refused.unavailable(unreachable.getMessage());
            }
        } catch (InterruptedException ended) {
            if (!relay.ended()) {
                throw ended;
            }
        } finally {
            open.remove(number);
            relay.finished();
        }
        return empty(number);
    }

    private static void down(long number, Followed<TunnelFrame> down, Answers<TunnelFrame> answers)
            throws Refused, IOException, InterruptedException {
        for (TunnelFrame answer = down.next(); answer != null; answer = down.next()) {
            if (answer.frame().isPresent() && !answers.send(new TunnelFrame(number, answer.frame()))) {
                return;
            }
        }
    }

    /** Ends the thread that carries a tunnel's frames down, and only while it does. */
    private static final class Relay {

        private final ReentrantLock lock = new ReentrantLock();
        private Thread carrier;
        private boolean ended;

        Relay(Thread carrier) {
            this.carrier = carrier;
        }

        boolean up(Peer far, long tunnel, Bytes frame) throws InterruptedException {
            try {
                far.call(NodeOperations.NODE_TUNNEL_SEND, new TunnelSend(tunnel, frame), PATIENT);
                return true;
            } catch (Refused | IOException lost) {
                end();
                return false;
            }
        }

        void end() {
            lock.lock();
            try {
                ended = true;
                if (carrier != null) {
                    carrier.interrupt();
                }
            } finally {
                lock.unlock();
            }
        }

        boolean ended() {
            lock.lock();
            try {
                return ended;
            } finally {
                lock.unlock();
            }
        }

        void finished() {
            lock.lock();
            try {
                carrier = null;
                if (ended) {
                    Thread.interrupted();
                }
            } finally {
                lock.unlock();
            }
        }
    }
}
