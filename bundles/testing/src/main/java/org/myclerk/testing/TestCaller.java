package org.myclerk.testing;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

import org.myclerk.api.client.Peer;
import org.myclerk.api.node.SessionState;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Bytes;

/** A node of the family over a session, at tier 3, that ends when the test says so. Thread-safe. */
public final class TestCaller implements Caller {

    /** The events that were sent to it, oldest first. */
    public final BlockingQueue<Object> events = new LinkedBlockingQueue<>();

    private final String name;
    private final Bytes session;
    private final Set<String> roles;
    private final List<Runnable> atEnd = new ArrayList<>();
    private volatile Tier tier = Tier.T3;
    private boolean ended;

    /**
     * A member.
     *
     * @param name at most 16 bytes; the node id is made of it, so that two callers of one name are one node
     * @param session the last byte of the session's uid
     */
    public TestCaller(String name, int session) {
        this(name, session, Set.of("member"));
    }

    /** A caller with roles of its own. */
    public TestCaller(String name, int session, Set<String> roles) {
        byte[] uid = new byte[16];
        uid[15] = (byte) session;
        this.name = name;
        this.session = Bytes.wrap(uid);
        this.roles = Set.copyOf(roles);
    }

    /** A sender without a session: nobody is known to have sent this (profile §16). */
    public static Caller withoutSession() {
        return new Anonymous();
    }

    /** Sends at another tier from now on. */
    public TestCaller at(Tier other) {
        tier = other;
        return this;
    }

    /** Ends the session, and runs what waits for that on this thread. */
    public void endSession() {
        List<Runnable> due;
        synchronized (this) {
            ended = true;
            due = List.copyOf(atEnd);
            atEnd.clear();
        }
        due.forEach(Runnable::run);
    }

    /** How many tasks wait for the end of the session. */
    public synchronized int waitingForEnd() {
        return atEnd.size();
    }

    /** What the node says of the session. */
    public SessionState state() {
        return new SessionState(session, nodeId(), name, List.copyOf(roles), "here", true, 3, 0, 0, false);
    }

    @Override
    public Bytes nodeId() {
        return Bytes.wrap(Arrays.copyOf(name.getBytes(StandardCharsets.UTF_8), 16));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Bytes family() {
        return Bytes.wrap(new byte[16]);
    }

    @Override
    public Set<String> roles() {
        return roles;
    }

    @Override
    public Tier tier() {
        return tier;
    }

    @Override
    public Bytes session() {
        return session;
    }

    @Override
    public long rid() {
        return 1;
    }

    @Override
    public Peer peer() {
        throw new UnsupportedOperationException("this caller cannot be called back");
    }

    @Override
    public synchronized <E> boolean emit(Operation<?, E> operation, E event) {
        return !ended && events.add(event);
    }

    @Override
    public synchronized <E> boolean offer(Operation<?, E> operation, E event) {
        return !ended && events.add(event);
    }

    @Override
    public void onSessionEnd(Runnable task) {
        synchronized (this) {
            if (!ended) {
                atEnd.add(task);
                return;
            }
        }
        task.run();
    }

    private record Anonymous() implements Caller {

        @Override
        public Bytes nodeId() {
            return Bytes.EMPTY;
        }

        @Override
        public String name() {
            return "anonymous";
        }

        @Override
        public Bytes family() {
            return Bytes.EMPTY;
        }

        @Override
        public Set<String> roles() {
            return Set.of();
        }

        @Override
        public Tier tier() {
            return Tier.T1;
        }

        @Override
        public Bytes session() {
            return Bytes.EMPTY;
        }

        @Override
        public long rid() {
            return 0;
        }

        @Override
        public Peer peer() {
            throw new IllegalStateException("anonymous");
        }

        @Override
        public <E> boolean emit(Operation<?, E> operation, E event) {
            return false;
        }

        @Override
        public <E> boolean offer(Operation<?, E> operation, E event) {
            return false;
        }

        @Override
        public void onSessionEnd(Runnable task) {
            task.run();
        }
    }
}
