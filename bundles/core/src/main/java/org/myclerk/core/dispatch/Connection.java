package org.myclerk.core.dispatch;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

import org.myclerk.api.client.Peer;
import org.myclerk.api.node.Pairing;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Envelope;
import org.myclerk.api.payload.Payload;
import org.myclerk.api.payload.PayloadCodec;
import org.myclerk.api.transport.Link;
import org.myclerk.api.transport.LinkHandler;
import org.myclerk.core.frame.Layout;
import org.myclerk.core.session.Ended;
import org.myclerk.core.session.Established;
import org.myclerk.core.session.Identity;
import org.myclerk.core.session.Outgoing;
import org.myclerk.core.session.Output;
import org.myclerk.core.session.Session;
import org.myclerk.core.session.SessionClose;
import org.myclerk.core.session.Settings;
import org.myclerk.core.session.Ticket;

/**
 * One link with its session, its open calls in both directions and its queue. What comes from the link and
 * the session happens on the link's loop; everything that other threads want goes through the queue or
 * {@link Link#execute}.
 */
public final class Connection implements LinkHandler, Channel {

    private static final Logger LOG = System.getLogger("org.myclerk.core");

    /** Frames before the session is open (profile §17). */
    private static final int RECEIVE_LIMIT_CLOSED = 2048;
    private static final int LARGEST_FRAME = 65_535;
    private static final int LARGEST_MESSAGE = 1 << 20;
    /** Room that compression's header may take of the largest message. */
    private static final int MESSAGE_SLACK = 16;
    /** For requests that were interrupted, before the session closes over them. */
    private static final Duration LAST_MOMENT = Duration.ofSeconds(1);
    /** For requests under way while what carries the link goes, which takes a few seconds itself. */
    private static final Duration LEAVING = Duration.ofSeconds(3);

    /** What the owner of connections learns, on the link's loop. */
    public interface Owner {

        void opened(Connection connection);

        /** An initiator's session is confirmed. */
        void confirmed(Connection connection);

        void ticket(Connection connection, Ticket ticket);

        /** Nothing follows. It may never have been open. */
        void ended(Connection connection, Ended ended);

        /** Whether something outside keeps the session from idling out, such as a lease. */
        boolean held(Connection connection);
    }

    private final Link link;
    private final Owner owner;
    private final Dispatcher dispatcher;
    private final Thread loop = Thread.currentThread();
    private final Session session;
    private final OutboundCalls calls;
    private final InboundCalls requests;
    private final Events events;
    private final Outbox outbox = new Outbox();
    private final AtomicBoolean woken = new AtomicBoolean();
    private final Peer peer = new SessionPeer(this);
    private final List<Runnable> atEnd = new ArrayList<>();
    private ArrayDeque<Outgoing> sealing = new ArrayDeque<>(1);
    private volatile Established established;
    private volatile Ended ended;
    private volatile long generation;
    private volatile long openedAt;
    private volatile int largestPayload = LARGEST_FRAME - Layout.sealedOverhead(Tier.T5);
    private List<CompletableFuture<Long>> rotating = List.of();
    /** Made when the first message has to wait. */
    private Parked parked;
    private boolean eventsFull;
    private boolean parkedFull;
    private boolean draining;
    /** Whether something may wait in the queue, so that what this loop has to say must wait too. */
    private boolean queued;
    /** Whether what was received is being worked on, after which {@link #drained} is called. */
    private boolean turn;
    private IOException lost;
    private Link.Timer timer;
    private long timerAt = Long.MAX_VALUE;

    /**
     * Called on the link's loop.
     *
     * @param most open requests in each direction
     * @param session makes the session that speaks through the output it is given
     */
    public Connection(Link link, Owner owner, Dispatcher dispatcher, int most,
            Function<Output, Session> session) {
        this.link = link;
        this.owner = owner;
        this.dispatcher = dispatcher;
        this.requests = new InboundCalls(most);
        this.calls = new OutboundCalls(this::nextRid, most);
        this.events = new Events(() -> link.execute(() -> {
            eventsFull = false;
            readOn();
        }));
        link.receiveLimit(RECEIVE_LIMIT_CLOSED);
        this.session = session.apply(new FromSession());
    }

    /** Sends the first frame, at an initiator, and starts the clock. On the loop. */
    public void start() {
        session.start(now());
        drained();
    }

    private long nextRid() {
        return session.nextRid();
    }

    /** Milliseconds of any origin: the time of the loop's turn. On the loop. */
    private long now() {
        return now(link);
    }

    static long now(Link link) {
        return link.now() / 1_000_000;
    }

    /** As {@link #now}, on any thread. */
    long time() {
        return Thread.currentThread() == loop ? now() : System.nanoTime() / 1_000_000;
    }

    public Link link() {
        return link;
    }

    /** The session as it opened; {@code null} before. */
    public Established established() {
        return established;
    }

    public boolean open() {
        return established != null && ended == null;
    }

    /** Notes when it opened. @param now Unix seconds */
    public void openedAt(long now) {
        openedAt = now;
    }

    /** Unix seconds; 0 before. */
    public long openedAt() {
        return openedAt;
    }

    /** Generation of the keys in use. */
    public long generation() {
        return generation;
    }

    @Override
    public Identity identity() {
        return established.peer();
    }

    @Override
    public Bytes uid() {
        return established.uid();
    }

    @Override
    public Peer peer() {
        return peer;
    }

    OutboundCalls calls() {
        return calls;
    }

    Events events() {
        return events;
    }

    @Override
    public int largestPayload() {
        return largestPayload;
    }

    // From other threads.

    @Override
    public boolean put(Outgoing message) throws InterruptedException {
        if (Thread.currentThread() == loop) {
            return outbox.force(message) && wake();
        }
        return outbox.put(message) && wake();
    }

    @Override
    public boolean offer(Outgoing message) {
        return outbox.offer(message) && wake();
    }

    @Override
    public boolean answer(Outgoing message) {
        boolean queued = outbox.force(message) && wake();
        if (registered(message)) {
            link.execute(() -> {
                drained();
                link.close();
            });
        }
        return queued;
    }

    /**
     * A responder closes the connection after any answer to a joining node's CLIENT_REGISTER (profile §10).
     */
    private boolean registered(Outgoing answer) {
        return established.pairing() && !established.initiator()
                && answer.operation() == Pairing.CLIENT_REGISTER.answerCode().value();
    }

    @Override
    public <T> int direct(Tier tier, int operation, boolean compressible, PayloadCodec<T> codec,
            Envelope envelope, T value) {
        if (Thread.currentThread() != loop || queued || ended != null || established.pairing()) {
            return Session.NOT_NOW;
        }
        int length = session.append(tier, operation, compressible, codec, envelope, value, largestPayload,
                time());
        if (length == Session.NOT_NOW) {
            queued = true;
        } else if (!turn) {
            drainSoon();
        }
        return length;
    }

    /**
     * Something was queued. The link's own turn of the loop ends in {@link #drained}; any other has to see to
     * it.
     */
    private boolean wake() {
        if (Thread.currentThread() == loop) {
            queued = true;
            if (turn) {
                return true;
            }
        }
        drainSoon();
        return true;
    }

    private void drainSoon() {
        if (woken.compareAndSet(false, true)) {
            link.execute(() -> { });
        }
    }

    @Override
    public void onEnd(Runnable task) {
        synchronized (atEnd) {
            if (ended == null) {
                atEnd.add(task);
                return;
            }
        }
        task.run();
    }

    /** Closes the session in order. Any thread. */
    public void close(String reason) {
        link.execute(() -> session.close(reason, now()));
    }

    @Override
    public void leaving() {
        drain(LEAVING);
    }

    /**
     * Closes the session with {@link SessionClose#UPGRADE} once all that the peer asked for is answered
     * (decision 56): from now on its requests are refused, to be repeated over the next session. Any thread.
     *
     * @param patience for requests under way; they are interrupted after it
     */
    public void drain(Duration patience) {
        link.execute(() -> {
            if (ended != null || draining) {
                return;
            }
            draining = true;
            requests.closing();
            if (parked != null) {
                parked.giveUpAll();
            }
            link.schedule(patience, () -> link.execute(requests::interruptAll));
            link.schedule(patience.plus(LAST_MOMENT), () -> link.execute(() -> {
                if (!requests.allAnswered()) {
                    session.close("the node stops", now());
                }
            }));
        });
    }

    /** Whether the peer closed it to come back soon, having answered all that it had begun (decision 56). */
    public boolean endedForUpgrade() {
        Ended how = ended;
        return how != null && how.byPeer() && how.cause() == Ended.Cause.CLOSED
                && how.reason().equals(SessionClose.UPGRADE);
    }

    /** Ends the session and its tickets. Any thread. */
    public void revoke(String reason) {
        link.execute(() -> session.revoke(reason, now()));
    }

    /** Asks for new keys. Any thread; completes with their generation when they are in use. */
    public CompletableFuture<Long> rotate() {
        CompletableFuture<Long> done = new CompletableFuture<>();
        onEnd(() -> done.completeExceptionally(new IOException("the session has ended")));
        link.execute(() -> {
            if (rotating.isEmpty()) {
                rotating = new ArrayList<>();
            }
            rotating.add(done);
            session.rotate(now());
        });
        return done;
    }

    // On the loop.

    @Override
    public void received(byte[] buffer, int offset, int length) {
        turn = true;
        if (ended == null) {
            session.receive(buffer, offset, length, now());
        }
    }

    @Override
    public void drained() {
        turn = false;
        requests.stay().leave();
        long now = now();
        if (ended == null && established != null) {
            session.finish(now);
            seal(now);
        }
        if (draining && ended == null && requests.allAnswered() && sealing.isEmpty() && outbox.isEmpty()) {
            session.close(SessionClose.UPGRADE, now);
        }
        link.flush();
        schedule(now);
    }

    private void seal(long now) {
        queued |= woken.getPlain() && woken.getAndSet(false);
        if (queued || !sealing.isEmpty()) {
            while (!link.congested()) {
                if (sealing.isEmpty()) {
                    sealing = outbox.swap(sealing);
                    if (sealing.isEmpty()) {
                        queued = false;
                        break;
                    }
                }
                if (session.seal(sealing, now) == 0) {
                    break;
                }
            }
        }
    }

    @Override
    public void writable() {
        drained();
    }

    private void schedule(long now) {
        if (ended != null) {
            return;
        }
        long next = Math.min(session.nextTick(), calls.nextDeadline());
        if (next < timerAt) {
            if (timer != null) {
                timer.cancel();
            }
            timerAt = next;
            timer = link.schedule(Duration.ofMillis(Math.max(1, next - now)), this::tick);
        }
    }

    private void tick() {
        timerAt = Long.MAX_VALUE;
        timer = null;
        if (ended == null) {
            long now = now();
            session.tick(now);
            calls.expire(now);
        }
    }

    private void readOn() {
        if (ended == null) {
            link.reading(!eventsFull && !parkedFull);
        }
    }

    @Override
    public void closed(IOException cause) {
        lost = cause;
        session.linkEnded();
    }

    private void end(Ended how) {
        if (ended != null) {
            return;
        }
        List<Runnable> tasks;
        synchronized (atEnd) {
            ended = how;
            tasks = List.copyOf(atEnd);
            atEnd.clear();
        }
        if (timer != null) {
            timer.cancel();
        }
        outbox.close();
        if (parked != null) {
            parked.stop();
        }
        calls.fail(() -> established == null ? "no session: " + how.reason()
                : "the session to %s ended: %s".formatted(identity().name(), how.reason()),
                endedForUpgrade());
        requests.abandonAll();
        events.stop();
        link.close();
        owner.ended(this, how);
        for (Runnable task : tasks) {
            try {
                task.run();
            } catch (RuntimeException bug) {
                LOG.log(Level.ERROR, "a task at the end of a session failed", bug);
            }
        }
    }

    private void message(Tier tier, int operation, Payload payload) {
        if (payload.isResponse()) {
            if (payload.fault() == null) {
                calls.answered(operation, payload);
            }
        } else if (payload.isRequest()) {
            serve(tier, operation, payload);
        } else if (payload.follow() != 0) {
            if (payload.credit() >= 0) {
                requests.credit(payload.follow(), payload.credit());
            }
        } else if (events.heard(operation)) {
            if (!events.deliver(operation, payload) && !eventsFull) {
                eventsFull = true;
                readOn();
            }
        } else {
            serve(tier, operation, payload);
        }
    }

    private void serve(Tier tier, int operation, Payload payload) {
        if (parked == null && dispatch(tier, operation, payload)) {
            return;
        }
        if (parked == null) {
            parked = new Parked(link, dispatcher.table(), this::dispatch,
                    each -> dispatcher.notNow(this, each.tier(), each.operation(), each.payload(),
                            "what serves this is being replaced, nothing was done: ask again"),
                    full -> {
                        parkedFull = full;
                        readOn();
                    });
        }
        parked.take(tier, operation, payload);
    }

    private boolean dispatch(Tier tier, int operation, Payload payload) {
        return dispatcher.request(this, requests, tier, operation, payload);
    }

    /** What the session says. */
    private final class FromSession implements Output {

        @Override
        public void frame(byte[] buffer, int offset, int length) {
            link.send(buffer, offset, length);
        }

        @Override
        public boolean congested() {
            return link.congested();
        }

        @Override
        public void opened(Established session) {
            established = session;
            if (session.selected(Settings.FRAGMENTATION)) {
                largestPayload = LARGEST_MESSAGE - MESSAGE_SLACK;
            }
            link.receiveLimit(LARGEST_FRAME);
            owner.opened(Connection.this);
        }

        @Override
        public void confirmed() {
            owner.confirmed(Connection.this);
        }

        @Override
        public void ticket(Ticket ticket) {
            owner.ticket(Connection.this, ticket);
        }

        @Override
        public void message(Tier tier, int operation, Payload payload) {
            Connection.this.message(tier, operation, payload);
        }

        @Override
        public void unsendable(Outgoing message) {
            LOG.log(Level.WARNING, "a message of {0} bytes does not fit the session to {1}", message.length(),
                    identity().name());
        }

        @Override
        public void rotated(long now) {
            generation = now;
            rotating.forEach(done -> done.complete(now));
            rotating = List.of();
        }

        @Override
        public boolean held() {
            return !requests.isEmpty() || !calls.isEmpty() || owner.held(Connection.this);
        }

        @Override
        public void closed(Ended how) {
            end(lost == null ? how : new Ended(how.cause(), how.code(), lost.getMessage(), false, null));
        }
    }
}
