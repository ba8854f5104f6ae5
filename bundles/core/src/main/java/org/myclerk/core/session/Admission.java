package org.myclerk.core.session;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.myclerk.api.payload.Bytes;

/**
 * How much a node takes on as a responder (profile §18): half-open handshakes, new handshakes per second,
 * sessions. Shared by all links of a node. Thread-safe.
 */
public final class Admission {

    private static final int MOST_IDLE_BUCKETS = 1024;

    private final Limits limits;
    private final Set<HalfOpen> halfOpen = new LinkedHashSet<>();
    private final Map<Bytes, Integer> halfOpenPerAddress = new HashMap<>();
    private final Map<Bytes, Bucket> buckets = new HashMap<>();
    private final Bucket all;
    private final Map<Bytes, Integer> sessionsPerNode = new HashMap<>();
    private int sessions;

    public Admission(Limits limits) {
        this.limits = limits;
        this.all = new Bucket(limits.handshakesPerSecond(), 1);
    }

    /** A handshake that has not ended. */
    public final class HalfOpen {

        private final Bytes address;
        private final Runnable drop;

        private HalfOpen(Bytes address, Runnable drop) {
            this.address = address;
            this.drop = drop;
        }

        /** It has ended, well or not; harmless to say twice. */
        public void done() {
            synchronized (Admission.this) {
                forget(this);
            }
        }
    }

    /**
     * Counts a handshake: on an ordered transport from the acceptance of the connection. If there are too
     * many, the oldest is dropped.
     *
     * @param drop ends this handshake when it is the oldest of too many; called without a lock, on any thread
     */
    public HalfOpen begin(InetAddress address, Runnable drop) {
        HalfOpen one = new HalfOpen(network(address), drop);
        List<HalfOpen> tooMany = new ArrayList<>();
        synchronized (this) {
            if (halfOpenPerAddress.getOrDefault(one.address, 0) >= limits.halfOpenPerAddress()) {
                tooMany.add(oldest(one.address));
            } else if (halfOpen.size() >= limits.halfOpen()) {
                tooMany.add(halfOpen.iterator().next());
            }
            tooMany.forEach(this::forget);
            halfOpen.add(one);
            halfOpenPerAddress.merge(one.address, 1, Integer::sum);
        }
        tooMany.forEach(dropped -> dropped.drop.run());
        return one;
    }

    private HalfOpen oldest(Bytes address) {
        for (HalfOpen one : halfOpen) {
            if (one.address.equals(address)) {
                return one;
            }
        }
        throw new IllegalStateException("counted a handshake that is not there");
    }

    private void forget(HalfOpen one) {
        if (halfOpen.remove(one)) {
            halfOpenPerAddress.computeIfPresent(one.address, (_, count) -> count == 1 ? null : count - 1);
        }
    }

    /** Takes a token for a new handshake. @return false if there is none: the frame is ignored */
    public synchronized boolean handshake(InetAddress address, long now) {
        if (!all.has(now)) {
            return false;
        }
        if (buckets.size() > MOST_IDLE_BUCKETS) {
            for (Iterator<Bucket> i = buckets.values().iterator(); i.hasNext();) {
                if (i.next().full(now)) {
                    i.remove();
                }
            }
        }
        Bucket own = buckets.computeIfAbsent(network(address),
                _ -> new Bucket(limits.handshakesPerSecondAndAddress(), 1));
        if (!own.has(now)) {
            return false;
        }
        own.take();
        all.take();
        return true;
    }

    /** Whether another session may open at all. */
    public synchronized boolean hasRoom() {
        return sessions < limits.sessions();
    }

    /**
     * Counts a session that opens.
     *
     * @param node empty in pairing
     * @return false if there are too many, in all or of that node
     */
    public synchronized boolean open(Bytes node) {
        if (sessions >= limits.sessions()
                || !node.isEmpty() && sessionsPerNode.getOrDefault(node, 0) >= limits.sessionsPerNode()) {
            return false;
        }
        sessions++;
        if (!node.isEmpty()) {
            sessionsPerNode.merge(node, 1, Integer::sum);
        }
        return true;
    }

    /** A session that {@link #open} counted has ended. */
    public synchronized void close(Bytes node) {
        sessions--;
        sessionsPerNode.computeIfPresent(node, (_, count) -> count == 1 ? null : count - 1);
    }

    public synchronized int halfOpenCount() {
        return halfOpen.size();
    }

    public synchronized int sessionCount() {
        return sessions;
    }

    /** The address itself, of IPv6 the first 64 bits. */
    private static Bytes network(InetAddress address) {
        byte[] bytes = address.getAddress();
        return Bytes.wrap(address instanceof Inet6Address ? Arrays.copyOf(bytes, 8) : bytes);
    }
}
