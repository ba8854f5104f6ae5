package org.myclerk.core.node;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

import org.myclerk.api.client.Followed;
import org.myclerk.api.client.Peer;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Bytes;
import org.myclerk.core.dispatch.Connection;

/**
 * A peer that outlives its sessions: each use takes the session that is open, or waits for the next. Thread-safe.
 */
final class StablePeer implements Peer {

    /** Where sessions come from. */
    interface Source {

        /** The open session, or a new one: waits for it. */
        Connection connection() throws IOException, InterruptedException;

        /** The open session, or the last one; {@code null} if there was none yet. */
        Connection last();

        /** Nothing is wanted any more. */
        void close(String reason);
    }

    private final Source source;
    private final List<Listening<?>> listening = new CopyOnWriteArrayList<>();

    StablePeer(Source source) {
        this.source = source;
    }

    /** A listener, and its subscription at the session in use. */
    private static final class Listening<E> {

        final Operation<?, E> operation;
        final Consumer<Event<E>> consumer;
        private Connection place;
        private Subscription current;

        Listening(Operation<?, E> operation, Consumer<Event<E>> consumer) {
            this.operation = operation;
            this.consumer = consumer;
        }

        /** Listens at a session; once, however often it is told of it. */
        synchronized void at(Connection connection) {
            if (place != connection) {
                place = connection;
                current = connection.peer().onEvent(operation, consumer);
            }
        }

        synchronized void stop() {
            if (current != null) {
                current.close();
            }
        }
    }

    /** A new session is in use. */
    void moved(Connection connection) {
        listening.forEach(each -> each.at(connection));
    }

    private Peer now() throws IOException, InterruptedException {
        return source.connection().peer();
    }

    private Connection last() {
        Connection last = source.last();
        if (last == null) {
            throw new IllegalStateException("there was no session with this peer yet");
        }
        return last;
    }

    @Override
    public Bytes nodeId() {
        return last().identity().node();
    }

    @Override
    public String name() {
        return last().identity().name();
    }

    @Override
    public Set<String> roles() {
        return last().identity().roles();
    }

    @Override
    public Tier tier() {
        return last().established().tier();
    }

    @Override
    public Bytes session() {
        return last().uid();
    }

    @Override
    public boolean connected() {
        Connection last = source.last();
        return last != null && last.open();
    }

    @Override
    public <Q, A> A call(Operation<Q, A> operation, Q request, CallOptions options)
            throws Refused, IOException, InterruptedException {
        return now().call(operation, request, options);
    }

    /** Without waiting there is only the session that is open; one that is to come is waited for elsewhere. */
    @Override
    public <Q, A> void call(Operation<Q, A> operation, Q request, CallOptions options,
            BiConsumer<A, Exception> then) {
        Connection last = source.last();
        if (last != null && last.open()) {
            last.peer().call(operation, request, options, then);
        } else {
            Peer.super.call(operation, request, options, then);
        }
    }

    @Override
    public <Q, A> Followed<A> follow(Operation<Q, A> operation, Q request, int credit, CallOptions options)
            throws IOException, InterruptedException {
        return now().follow(operation, request, credit, options);
    }

    @Override
    public <Q> void send(Operation<Q, ?> operation, Q message, CallOptions options)
            throws IOException, InterruptedException {
        now().send(operation, message, options);
    }

    @Override
    public <E> Subscription onEvent(Operation<?, E> operation, Consumer<Event<E>> consumer) {
        Listening<E> added = new Listening<>(operation, consumer);
        listening.add(added);
        Connection last = source.last();
        if (last != null && last.open()) {
            added.at(last);
        }
        return () -> {
            listening.remove(added);
            added.stop();
        };
    }

    @Override
    public void onEnd(Runnable task) {
        last().onEnd(task);
    }

    @Override
    public void close(String reason) {
        source.close(reason);
    }

    @Override
    public String toString() {
        Connection last = source.last();
        return last == null ? "a peer not reached yet" : last.identity().name();
    }
}
