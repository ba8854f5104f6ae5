package org.myclerk.core.node;

import java.io.IOException;
import java.time.Duration;
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
import org.myclerk.core.dispatch.NotExecuted;

/**
 * A peer that outlives its sessions: each use takes the session that is open, or waits for the next. What was
 * certainly not executed is done again within the call's time. Thread-safe.
 */
final class StablePeer implements Peer {

    /** Where sessions come from. */
    interface Source {

        /** The open session, or a new one: waits for it, not longer than the patience. */
        Connection connection(Duration patience) throws IOException, InterruptedException;

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
        return repeating(options, left -> {
            Peer now = source.connection(left.timeout()).peer();
            return now.call(operation, request, left);
        });
    }

    /**
     * Without waiting there is only the session that is open; one that is to come is waited for elsewhere.
     */
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
        return repeatingIfEnded(options, end(options), left -> {
            Peer now = source.connection(left.timeout()).peer();
            return now.follow(operation, request, credit, left);
        });
    }

    @Override
    public <Q> void send(Operation<Q, ?> operation, Q message, CallOptions options)
            throws IOException, InterruptedException {
        repeatingIfEnded(options, end(options), left -> {
            Peer now = source.connection(left.timeout()).peer();
            now.send(operation, message, left);
            return null;
        });
    }

    /** Something that may be done again, within the time that is left. */
    private interface Attempt<T, E extends Exception> {

        T within(CallOptions left) throws E, IOException, InterruptedException;
    }

    /**
     * Does it again while the peer says that nothing was executed and asking again is worth it (decision 56).
     */
    private static <T> T repeating(CallOptions options, Attempt<T, Refused> attempt)
            throws Refused, IOException, InterruptedException {
        long end = end(options);
        CallOptions left = options;
        while (true) {
            try {
                return repeatingIfEnded(left, end, attempt);
            } catch (Refused refused) {
                Duration pause = refused.retryAfter();
                if (pause == null || left(options, end).timeout().compareTo(pause) <= 0) {
                    throw refused;
                }
                Thread.sleep(pause);
                left = left(options, end);
            }
        }
    }

    /** Does it again over the next session when one ended before anything was executed. */
    private static <T, E extends Exception> T repeatingIfEnded(CallOptions options, long end,
            Attempt<T, E> attempt)
            throws E, IOException, InterruptedException {
        CallOptions left = options;
        while (true) {
            try {
                return attempt.within(left);
            } catch (NotExecuted ended) {
                left = left(options, end);
                if (left.timeout().isZero()) {
                    throw ended;
                }
            }
        }
    }

    private static long end(CallOptions options) {
        return System.nanoTime() + options.timeout().toNanos();
    }

    private static CallOptions left(CallOptions options, long end) {
        return new CallOptions(options.tier(), Duration.ofNanos(Math.max(0, end - System.nanoTime())));
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
