package org.myclerk.vendor.node.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

import org.myclerk.api.client.Peer;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Bytes;

/** A caller whose session ends when the test says so. */
final class TestCaller implements Caller {

    final BlockingQueue<Object> events = new LinkedBlockingQueue<>();
    private final Bytes session;
    private final List<Runnable> atEnd = new ArrayList<>();
    private boolean ended;

    TestCaller(int session) {
        byte[] uid = new byte[16];
        uid[15] = (byte) session;
        this.session = Bytes.wrap(uid);
    }

    synchronized void endSession() {
        ended = true;
        atEnd.forEach(Runnable::run);
    }

    @Override
    public Bytes nodeId() {
        return Bytes.ofHex("aa".repeat(16));
    }

    @Override
    public String name() {
        return "ada";
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
    public synchronized <E> boolean emit(Operation<?, E> operation, E event) {
        return !ended && events.add(event);
    }

    @Override
    public synchronized <E> boolean offer(Operation<?, E> operation, E event) {
        return !ended && events.add(event);
    }

    @Override
    public synchronized void onSessionEnd(Runnable task) {
        if (ended) {
            task.run();
        } else {
            atEnd.add(task);
        }
    }
}
