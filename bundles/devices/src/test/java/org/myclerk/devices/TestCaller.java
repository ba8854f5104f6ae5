package org.myclerk.devices;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import org.myclerk.api.client.Peer;
import org.myclerk.api.node.SessionState;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Bytes;

/** A caller whose session ends when the test says so. */
final class TestCaller implements Caller {

    private final String name;
    private final Bytes session;
    private final List<Runnable> atEnd = new ArrayList<>();
    private boolean ended;

    TestCaller(String name, int session) {
        this.name = name;
        byte[] uid = new byte[16];
        uid[15] = (byte) session;
        this.session = Bytes.wrap(uid);
    }

    /** A sender without a session. */
    static Caller withoutSession() {
        return new Anonymous();
    }

    void endSession() {
        ended = true;
        atEnd.forEach(Runnable::run);
    }

    SessionState state() {
        return new SessionState(session, nodeId(), name, List.of(), "here", true, 3, 0, 0, false);
    }

    @Override
    public Bytes nodeId() {
        byte[] id = new byte[16];
        System.arraycopy(name.getBytes(), 0, id, 0, name.length());
        return Bytes.wrap(id);
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
        return Set.of("member");
    }

    @Override
    public Tier tier() {
        return Tier.T3;
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
    public <E> boolean emit(Operation<?, E> operation, E event) {
        return !ended;
    }

    @Override
    public <E> boolean offer(Operation<?, E> operation, E event) {
        return !ended;
    }

    @Override
    public void onSessionEnd(Runnable task) {
        if (ended) {
            task.run();
        } else {
            atEnd.add(task);
        }
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
