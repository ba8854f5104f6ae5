package org.myclerk.core.dispatch;

import java.io.IOException;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

import org.myclerk.api.client.Followed;
import org.myclerk.api.client.Peer;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Bytes;

/** The peer of one session; it is gone when the session is. Thread-safe. */
final class SessionPeer implements Peer {

    private final Connection connection;

    SessionPeer(Connection connection) {
        this.connection = connection;
    }

    @Override
    public Bytes nodeId() {
        return connection.identity().node();
    }

    @Override
    public String name() {
        return connection.identity().name();
    }

    @Override
    public Set<String> roles() {
        return connection.identity().roles();
    }

    @Override
    public Tier tier() {
        return connection.established().tier();
    }

    @Override
    public Bytes session() {
        return connection.uid();
    }

    @Override
    public boolean connected() {
        return connection.open();
    }

    @Override
    public <Q, A> A call(Operation<Q, A> operation, Q request, CallOptions options)
            throws Refused, IOException, InterruptedException {
        return connection.calls().call(connection, operation, request, tierOf(operation, options),
                options.timeout());
    }

    @Override
    public <Q, A> void call(Operation<Q, A> operation, Q request, CallOptions options,
            BiConsumer<A, Exception> then) {
        try {
            connection.calls().call(connection, operation, request, tierOf(operation, options),
                    options.timeout(),
                    connection.time(), then);
        } catch (IOException failed) {
            then.accept(null, failed);
        }
    }

    @Override
    public <Q, A> Followed<A> follow(Operation<Q, A> operation, Q request, int credit, CallOptions options)
            throws IOException, InterruptedException {
        return connection.calls().follow(connection, operation, request, tierOf(operation, options), credit,
                options.timeout());
    }

    @Override
    public <Q> void send(Operation<Q, ?> operation, Q message, CallOptions options)
            throws IOException, InterruptedException {
        OutboundCalls.oneWay(connection, operation, message, tierOf(operation, options));
    }

    @Override
    public <E> Subscription onEvent(Operation<?, E> operation, Consumer<Event<E>> consumer) {
        return connection.events().listen(operation, consumer);
    }

    @Override
    public void onEnd(Runnable task) {
        connection.onEnd(task);
    }

    @Override
    public void close(String reason) {
        connection.close(reason);
    }

    private Tier tierOf(Operation<?, ?> operation, CallOptions options) throws IOException {
        Tier tier = options.tier() == null ? operation.floor().atLeast(Tier.T3) : options.tier();
        if (tier().below(tier)) {
            throw new IOException("the session to %s has %s, %s is needed".formatted(name(), tier(), tier));
        }
        return tier;
    }

    @Override
    public String toString() {
        return name();
    }
}
