package org.myclerk.op.client.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

import org.myclerk.api.client.Followed;
import org.myclerk.api.client.Peer;
import org.myclerk.api.node.Pairing;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Done;
import org.myclerk.op.client.Contact;
import org.myclerk.testing.TestFamily;

/** A peer that answers what a heartbeat calls, or refuses it. */
final class TestPeer implements Peer {

    /** What it was told, as text. */
    final BlockingQueue<String> told = new LinkedBlockingQueue<>();
    private final boolean refuses;
    private final List<Runnable> atEnd = new ArrayList<>();
    private volatile boolean ended;

    TestPeer(boolean refuses) {
        this.refuses = refuses;
    }

    synchronized void endSession() {
        ended = true;
        atEnd.forEach(Runnable::run);
    }

    @Override
    public Bytes nodeId() {
        return Bytes.wrap(new byte[16]);
    }

    @Override
    public String name() {
        return "cellar";
    }

    @Override
    public Set<String> roles() {
        return Set.of("hub");
    }

    @Override
    public Tier tier() {
        return Tier.T5;
    }

    @Override
    public Bytes session() {
        return Bytes.wrap(new byte[16]);
    }

    @Override
    public boolean connected() {
        return !ended;
    }

    @Override
    public <Q, A> A call(Operation<Q, A> operation, Q request, CallOptions options) throws Refused {
        told.add(request instanceof Contact contact ? contact.endpoints().toString() : operation.name());
        if (refuses) {
            throw Refused.notFound("nothing here serves " + operation.code());
        }
        return operation.answer().type().cast(operation == Pairing.CLIENT_REGISTER ? TestFamily.ENROLMENT
                : Done.DONE);
    }

    @Override
    public <Q, A> Followed<A> follow(Operation<Q, A> operation, Q request, int credit, CallOptions options) {
        throw new UnsupportedOperationException();
    }

    @Override
    public <Q> void send(Operation<Q, ?> operation, Q message, CallOptions options) {
        throw new UnsupportedOperationException();
    }

    @Override
    public <E> Subscription onEvent(Operation<?, E> operation, Consumer<Event<E>> consumer) {
        throw new UnsupportedOperationException();
    }

    @Override
    public synchronized void onEnd(Runnable task) {
        if (ended) {
            task.run();
        } else {
            atEnd.add(task);
        }
    }

    @Override
    public void close(String reason) {
        endSession();
    }
}
