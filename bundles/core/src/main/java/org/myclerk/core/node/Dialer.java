package org.myclerk.core.node;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.transport.Endpoint;
import org.myclerk.api.transport.Link;
import org.myclerk.api.transport.LinkHandler;
import org.myclerk.api.transport.Transport;
import org.myclerk.core.dispatch.Connection;
import org.myclerk.core.dispatch.Dispatcher;
import org.myclerk.core.session.Credentials;
import org.myclerk.core.session.Ended;
import org.myclerk.core.session.Line;
import org.myclerk.core.session.Session;
import org.myclerk.core.session.Settings;
import org.myclerk.core.session.Ticket;
import org.myclerk.core.session.Trust;
import org.myclerk.core.session.WallClock;
import org.myclerk.core.session.Wish;

/** Opens sessions as initiator, and keeps the tickets to resume them. Thread-safe. */
final class Dialer implements Connection.Owner {

    private static final long PATIENCE_SECONDS = 30;
    private static final int MOST_TICKETS = 1024;

    private final Settings settings;
    private final Dispatcher dispatcher;
    private final RandomGenerator random;
    private final Connection.Owner owner;
    private final Map<Connection, CompletableFuture<Connection>> waiting = new ConcurrentHashMap<>();
    private final Map<Bytes, Ticket> tickets = new ConcurrentHashMap<>();

    /** @param owner learns of the sessions too */
    Dialer(Settings settings, Dispatcher dispatcher, RandomGenerator random, Connection.Owner owner) {
        this.settings = settings;
        this.dispatcher = dispatcher;
        this.random = random;
        this.owner = owner;
    }

    /** One that dates its frames by another clock. */
    Dialer dating(WallClock clock) {
        return new Dialer(settings.with(clock), dispatcher, random, owner);
    }

    /**
     * Opens a session and waits until the responder has confirmed it. A ticket for the wanted node is used
     * first; when that is refused a full handshake follows.
     *
     * @throws IOException with a sentence for people
     */
    Connection dial(Transport transport, Endpoint endpoint, Credentials credentials, Trust trust, Wish wish)
            throws IOException, InterruptedException {
        Ticket ticket = wish.expectedNode().map(tickets::remove).orElse(null);
        if (ticket != null && ticket.expires() > System.currentTimeMillis() / 1000) {
            try {
                return dialOnce(transport, endpoint, credentials, trust, wish.resuming(ticket));
            } catch (RefusedHandshake refused) {
                // Only the ticket was refused: a full handshake tells.
            } catch (Unreachable unused) {
                tickets.putIfAbsent(ticket.peer().node(), ticket);
                throw unused;
            }
        }
        return dialOnce(transport, endpoint, credentials, trust, wish);
    }

    private Connection dialOnce(Transport transport, Endpoint endpoint, Credentials credentials, Trust trust,
            Wish wish)
            throws IOException, InterruptedException {
        CompletableFuture<Connection> confirmed = new CompletableFuture<>();
        transport.connect(endpoint, link -> begin(link, transport, credentials, trust, wish, confirmed),
                failed -> confirmed.completeExceptionally(
                        new Unreachable("cannot reach %s: %s".formatted(endpoint, failed.getMessage()))));
        try {
            return confirmed.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof IOException io) {
                throw io;
            }
            throw new IOException(failed.getCause());
        } catch (TimeoutException silent) {
            confirmed.cancel(false);
            throw new IOException("%s does not answer".formatted(endpoint));
        }
    }

    private LinkHandler begin(Link link, Transport transport, Credentials credentials, Trust trust, Wish wish,
            CompletableFuture<Connection> confirmed) {
        if (confirmed.isDone()) {
            return null;
        }
        Connection connection = new Connection(link, this, dispatcher, settings.limits().requests(),
                output -> Session.initiate(settings, credentials, trust, wish,
                        new Line(transport.ordered(), transport.largestFrame()), random, output));
        waiting.put(connection, confirmed);
        connection.start();
        return connection;
    }

    @Override
    public void opened(Connection connection) {
        owner.opened(connection);
    }

    @Override
    public void confirmed(Connection connection) {
        owner.confirmed(connection);
        CompletableFuture<Connection> future = waiting.remove(connection);
        if (future != null && !future.complete(connection)) {
            connection.close("too late");
        }
    }

    @Override
    public void ticket(Connection connection, Ticket ticket) {
        if (tickets.size() < MOST_TICKETS) {
            tickets.put(ticket.peer().node(), ticket);
        }
        owner.ticket(connection, ticket);
    }

    @Override
    public void ended(Connection connection, Ended ended) {
        CompletableFuture<Connection> future = waiting.remove(connection);
        if (future != null) {
            String reason = "%s: %s".formatted(connection.link().remote(), sentence(ended));
            future.completeExceptionally(ended.cause() == Ended.Cause.REFUSED
                    ? new RefusedHandshake(reason) : new IOException(reason));
        }
        owner.ended(connection, ended);
    }

    /**
     * A peer that closes the connection without a word most often finds the time wrong (profile §15, §19).
     */
    private String sentence(Ended ended) {
        if (ended.cause() != Ended.Cause.CLOSED || !ended.byPeer()) {
            return ended.reason();
        }
        long limit = settings.limits().skewSeconds();
        return ended.reason() + (settings.clock().toleranceSeconds(limit) > limit
                ? "; the clock of this machine is wrong, set it and try again"
                : "; that happens when the clocks of the two are more than %d minutes apart".formatted(
                limit / 60));
    }

    @Override
    public boolean held(Connection connection) {
        return owner.held(connection);
    }

    /** There was no connection; nothing was sent. */
    static final class Unreachable extends IOException {

        Unreachable(String message) {
            super(message);
        }
    }

    /** The responder refused with a status. */
    static final class RefusedHandshake extends IOException {

        RefusedHandshake(String message) {
            super(message);
        }
    }
}
