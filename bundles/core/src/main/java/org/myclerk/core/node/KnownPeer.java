package org.myclerk.core.node;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import org.myclerk.api.node.PeerState;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.transport.Endpoint;
import org.myclerk.core.dispatch.Connection;

/**
 * A node that this one knows: where it may be, and the one session over which both call. While there is none
 * it is looked for, again and again. Thread-safe.
 */
final class KnownPeer implements StablePeer.Source {

    private static final Logger LOG = System.getLogger("org.myclerk.core");
    private static final int MOST_ENDPOINTS = 8;
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final long SHORTEST_PAUSE_MILLIS = 100;
    private static final long LONGEST_PAUSE_MILLIS = 60_000;
    /** Who was seen is stored no more often, so that a peer that comes and goes does not wear out a card. */
    private static final long STALE_SECONDS = 60;

    /** Opens a session with this peer at an endpoint. */
    interface Dial {

        Connection dial(Bytes node, Endpoint endpoint) throws IOException, InterruptedException;
    }

    private final Bytes id;
    private final Dial dial;
    private final StablePeer peer = new StablePeer(this);
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final LinkedHashSet<Endpoint> endpoints = new LinkedHashSet<>();
    private String name;
    private List<String> roles;
    private long storedAt;
    private long lastSeen;
    private boolean revoked;
    private Connection main;
    private Thread seeker;
    private boolean stopped;
    private boolean hint;
    private String trouble = "no address of it is known";

    KnownPeer(PeerState state, Dial dial) {
        this.id = state.id();
        this.name = state.name();
        this.roles = state.roles();
        this.lastSeen = state.lastSeen();
        this.revoked = state.revoked();
        this.dial = dial;
        for (String endpoint : state.endpoints()) {
            try {
                endpoints.add(Endpoint.parse(endpoint));
            } catch (IllegalArgumentException damaged) {
                LOG.log(Level.WARNING, "an address of {0} is damaged and left out", name);
            }
        }
    }

    Bytes id() {
        return id;
    }

    String name() {
        lock.lock();
        try {
            return name;
        } finally {
            lock.unlock();
        }
    }

    StablePeer peer() {
        return peer;
    }

    PeerState state() {
        lock.lock();
        try {
            return new PeerState(id, name, roles, endpoints.stream().map(Endpoint::toString).toList(),
                    main != null && main.open(), lastSeen, revoked);
        } finally {
            lock.unlock();
        }
    }

    /** @return whether that was news */
    boolean heardOf(Endpoint endpoint) {
        lock.lock();
        try {
            hint = true;
            changed.signalAll();
            if (!endpoints.isEmpty() && endpoints.getFirst().equals(endpoint)) {
                return false;
            }
            boolean news = !endpoints.remove(endpoint);
            endpoints.addFirst(endpoint);
            if (endpoints.size() > MOST_ENDPOINTS) {
                endpoints.removeLast();
            }
            return news;
        } finally {
            lock.unlock();
        }
    }

    /**
     * @return whether that is worth storing: the peer is another than before, or it was stored a while ago
     */
    boolean seen(String knownName, List<String> knownRoles, long now) {
        lock.lock();
        try {
            boolean news = !knownName.equals(name) || !knownRoles.equals(roles)
                    || now - storedAt >= STALE_SECONDS;
            name = knownName;
            roles = knownRoles;
            lastSeen = now;
            storedAt = news ? now : storedAt;
            return news;
        } finally {
            lock.unlock();
        }
    }

    void revoked(boolean is) {
        lock.lock();
        try {
            revoked = is;
        } finally {
            lock.unlock();
        }
    }

    /** The session in use, if it is open. */
    Connection main() {
        lock.lock();
        try {
            return main != null && main.open() ? main : null;
        } finally {
            lock.unlock();
        }
    }

    /** From now on this session is the one. */
    void main(Connection connection) {
        lock.lock();
        try {
            main = connection;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        peer.moved(connection);
    }

    void ended(Connection connection) {
        lock.lock();
        try {
            if (main == connection) {
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Connection last() {
        lock.lock();
        try {
            return main;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Connection connection(Duration patience) throws IOException, InterruptedException {
        long left = Math.min(patience.toNanos(), PATIENCE.toNanos());
        lock.lockInterruptibly();
        try {
            if (revoked) {
                throw new IOException("%s was revoked".formatted(name));
            }
            hint = true;
            changed.signalAll();
            while (main == null || !main.open()) {
                if (left <= 0 || stopped) {
                    throw new IOException("%s cannot be reached now: %s".formatted(name, trouble));
                }
                left = changed.awaitNanos(left);
            }
            return main;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close(String reason) {
        Connection open = main();
        if (open != null) {
            open.close(reason);
        }
    }

    /** Begins to look for it whenever there is no session. */
    void seek() {
        lock.lock();
        try {
            if (seeker == null && !stopped) {
                seeker = Thread.ofVirtual().name("peer " + name).start(this::run);
            }
        } finally {
            lock.unlock();
        }
    }

    void stop() {
        lock.lock();
        try {
            stopped = true;
            changed.signalAll();
            if (seeker != null) {
                seeker.interrupt();
            }
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        long pause = SHORTEST_PAUSE_MILLIS;
        try {
            while (true) {
                List<Endpoint> candidates = waitUntilMissing();
                if (candidates == null) {
                    return;
                }
                if (tryAll(candidates) || pause(pause)) {
                    pause = SHORTEST_PAUSE_MILLIS;
                } else {
                    pause = Math.min(LONGEST_PAUSE_MILLIS, pause * 2);
                }
            }
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    private List<Endpoint> waitUntilMissing() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!stopped && (main != null && main.open() || endpoints.isEmpty() || revoked)) {
                changed.await();
            }
            hint = false;
            return stopped ? null : new ArrayList<>(endpoints);
        } finally {
            lock.unlock();
        }
    }

    private boolean tryAll(List<Endpoint> candidates) throws InterruptedException {
        for (Endpoint endpoint : candidates) {
            if (main() != null) {
                return true;
            }
            try {
                main(dial.dial(id, endpoint));
                heardOf(endpoint);
                return true;
            } catch (IOException failed) {
                LOG.log(Level.DEBUG, "{0}: {1}", name, failed.getMessage());
                lock.lock();
                try {
                    trouble = failed.getMessage();
                } finally {
                    lock.unlock();
                }
            }
        }
        return false;
    }

    /** @return whether something new was heard meanwhile */
    private boolean pause(long millis) throws InterruptedException {
        long nanos = TimeUnit.MILLISECONDS.toNanos(millis);
        long left = nanos * 3 / 4 + ThreadLocalRandom.current().nextLong(nanos / 2);
        lock.lockInterruptibly();
        try {
            while (left > 0 && !stopped && !hint && (main == null || !main.open())) {
                left = changed.awaitNanos(left);
            }
            return hint;
        } finally {
            lock.unlock();
        }
    }
}
