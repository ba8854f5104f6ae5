package org.myclerk.backend.jserialcomm;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import org.myclerk.api.client.Peer;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Bytes;

/** A node of the family over a session that ends when the test says so. */
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

    void endSession() {
        ended = true;
        atEnd.forEach(Runnable::run);
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
}
