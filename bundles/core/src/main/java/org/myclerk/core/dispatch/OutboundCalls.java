package org.myclerk.core.dispatch;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import org.myclerk.api.client.Followed;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Envelope;
import org.myclerk.api.payload.None;
import org.myclerk.api.payload.Payload;
import org.myclerk.api.payload.PayloadCodec;
import org.myclerk.core.session.Outgoing;
import org.myclerk.core.session.Session;

/** This side's open requests on one session (profile §6, §18). Thread-safe. */
final class OutboundCalls {

    private static final Logger LOG = System.getLogger("org.myclerk.core");
    private static final PayloadCodec<None> EMPTY = PayloadCodec.of(None.class);

    private final LongSupplier rids;
    private final int most;
    /** Who waits for an answer; its monitor guards it, and who finds it full waits there. */
    private final RidTable<Waiting> open = new RidTable<>();
    private int wanting;
    private volatile Supplier<IOException> ended;
    private final AtomicLong nextDeadline = new AtomicLong(Long.MAX_VALUE);

    /** @param rids gives the next request id of this side of the session; any thread */
    OutboundCalls(LongSupplier rids, int most) {
        this.rids = rids;
        this.most = most;
    }

    /** Who waits for what comes back for one request. */
    private abstract static class Waiting {

        private final int answerCode;
        /** When the wait is over, as {@link Connection#time} counts. */
        private final long deadline;

        Waiting(int answerCode, long deadline) {
            this.answerCode = answerCode;
            this.deadline = deadline;
        }

        abstract void add(Payload payload);

        abstract void fail(IOException why);
    }

    /** Hands the only answer on. */
    private static final class Single<A> extends Waiting {

        private final Operation<?, A> operation;
        private final BiConsumer<A, Exception> then;

        Single(Operation<?, A> operation, long deadline, BiConsumer<A, Exception> then) {
            super(operation.answerCode().value(), deadline);
            this.operation = operation;
            this.then = then;
        }

        @Override
        void add(Payload payload) {
            A answer;
            try {
                answer = read(operation, payload);
            } catch (Refused | IOException failed) {
                tell(null, failed);
                return;
            }
            tell(answer, null);
        }

        @Override
        void fail(IOException why) {
            tell(null, why);
        }

        private void tell(A answer, Exception failed) {
            try {
                then.accept(answer, failed);
            } catch (RuntimeException bug) {
                LOG.log(Level.ERROR, "what was to follow %s failed".formatted(operation), bug);
            }
        }
    }

    /** A queue that its reader empties. */
    private static final class Answers extends Waiting {

        private final ReentrantLock lock = new ReentrantLock();
        private final Condition arrived = lock.newCondition();
        private final ArrayDeque<Payload> queue = new ArrayDeque<>();
        private IOException failed;
        private boolean dropping;

        Answers(int answerCode) {
            super(answerCode, Long.MAX_VALUE);
        }

        @Override
        void add(Payload payload) {
            lock.lock();
            try {
                if (!dropping) {
                    queue.add(payload);
                    arrived.signalAll();
                }
            } finally {
                lock.unlock();
            }
        }

        @Override
        void fail(IOException why) {
            lock.lock();
            try {
                failed = why;
                arrived.signalAll();
            } finally {
                lock.unlock();
            }
        }

        void drop() {
            lock.lock();
            try {
                dropping = true;
                queue.clear();
                failed = new IOException("the call was ended here");
                arrived.signalAll();
            } finally {
                lock.unlock();
            }
        }

        /** The next payload; {@code null} if none came in time. */
        Payload take(Duration patience) throws IOException, InterruptedException {
            long left = patience == null ? Long.MAX_VALUE : patience.toNanos();
            lock.lockInterruptibly();
            try {
                while (queue.isEmpty()) {
                    if (failed != null) {
                        throw failed instanceof NotExecuted ? new NotExecuted(failed.getMessage())
                                : new IOException(failed.getMessage());
                    }
                    if (left <= 0) {
                        return null;
                    }
                    left = arrived.awaitNanos(left);
                }
                return queue.poll();
            } finally {
                lock.unlock();
            }
        }
    }

    /** An answer of the peer; one that fits no open request is ignored. */
    void answered(int operation, Payload payload) {
        long rid = payload.rid();
        Waiting answers;
        synchronized (open) {
            answers = open.get(rid);
            if (answers == null || answers.answerCode != operation) {
                return;
            }
            if (!payload.more()) {
                remove(rid, answers);
            }
        }
        answers.add(payload);
    }

    boolean isEmpty() {
        synchronized (open) {
            return open.isEmpty();
        }
    }

    /**
     * The session is over: every caller learns it.
     *
     * @param reason asked for each caller
     * @param nothingPending whether the peer promised that what it has not answered was not executed
     */
    void fail(Supplier<String> reason, boolean nothingPending) {
        ended = () -> nothingPending ? new NotExecuted(reason.get()) : new IOException(reason.get());
        for (RidTable.Entry<Waiting> each : entries()) {
            if (forget(each.rid(), each.value())) {
                each.value().fail(ended.get());
            }
        }
    }

    private List<RidTable.Entry<Waiting>> entries() {
        synchronized (open) {
            return open.entries();
        }
    }

    /** Opens a request, waiting for room. @return its id */
    private long register(Answers answers, Duration patience) throws IOException, InterruptedException {
        long rid;
        synchronized (open) {
            if (open.size() >= most) {
                awaitRoom(patience);
            }
            rid = add(answers);
        }
        Supplier<IOException> over = ended;
        if (over != null && forget(rid, answers)) {
            throw new NotExecuted(over.get().getMessage());
        }
        return rid;
    }

    /** Within the monitor. */
    private void awaitRoom(Duration patience) throws IOException, InterruptedException {
        long until = System.nanoTime() + patience.toNanos();
        do {
            long left = until - System.nanoTime();
            if (left <= 0) {
                throw tooMany();
            }
            wanting++;
            try {
                TimeUnit.NANOSECONDS.timedWait(open, left);
            } finally {
                wanting--;
            }
        } while (open.size() >= most);
    }

    private static IOException tooMany() {
        return new IOException("too many requests wait for an answer of this peer");
    }

    /** Within the monitor. */
    private long add(Waiting answers) {
        long rid = rids.getAsLong();
        open.put(rid, answers);
        return rid;
    }

    /** Within the monitor. */
    private boolean remove(long rid, Waiting answers) {
        boolean was = open.remove(rid, answers);
        if (was && wanting > 0) {
            open.notify();
        }
        return was;
    }

    /** @return whether it was open */
    private boolean forget(long rid, Waiting answers) {
        synchronized (open) {
            return remove(rid, answers);
        }
    }

    private static String tooLarge(int length, Channel channel) {
        return "a message of %d bytes does not fit, %d do".formatted(length, channel.largestPayload());
    }

    private static void send(Channel channel, Outgoing message) throws IOException, InterruptedException {
        if (message.length() > channel.largestPayload()) {
            throw new IOException(tooLarge(message.length(), channel));
        }
        if (!channel.put(message)) {
            throw new NotExecuted("the session has ended");
        }
    }

    static <Q> void oneWay(Channel channel, Operation<Q, ?> operation, Q message, Tier tier)
            throws IOException, InterruptedException {
        send(channel, new Outgoing(tier, operation.code().value(),
                InboundCall.encode(operation.request(), Envelope.NONE, message), operation.isCompressible()));
    }

    <Q, A> A call(Channel channel, Operation<Q, A> operation, Q request, Tier tier, Duration timeout)
            throws Refused, IOException, InterruptedException {
        Answers answers = new Answers(operation.answerCode().value());
        long rid = register(answers, timeout);
        try {
            send(channel, new Outgoing(tier, operation.code().value(),
                    InboundCall.encode(operation.request(), Envelope.request(rid), request),
                    operation.isCompressible()));
            Payload payload = answers.take(timeout);
            if (payload == null) {
                throw new IOException("no answer within %d s".formatted(timeout.toSeconds()));
            }
            return read(operation, payload);
        } finally {
            forget(rid, answers);
        }
    }

    /** @param then see {@link org.myclerk.api.client.Peer} */
    <Q, A> void call(Channel channel, Operation<Q, A> operation, Q request, Tier tier, Duration timeout,
            long now, BiConsumer<A, Exception> then) throws IOException {
        long deadline = now + timeout.toMillis();
        Single<A> single = new Single<>(operation, deadline, then);
        long rid;
        synchronized (open) {
            if (open.size() >= most) {
                throw tooMany();
            }
            rid = add(single);
        }
        if (deadline < nextDeadline.get()) {
            nextDeadline.accumulateAndGet(deadline, Math::min);
        }
        IOException trouble;
        try {
            trouble = sent(channel, operation, request, tier, rid);
        } catch (RuntimeException unwritable) {
            forget(rid, single);
            throw unwritable;
        }
        if (trouble != null && forget(rid, single)) {
            single.fail(trouble);
        }
    }

    /** What kept a request from being sent, or {@code null}. */
    private <Q> IOException sent(Channel channel, Operation<Q, ?> operation, Q request, Tier tier, long rid) {
        Envelope envelope = Envelope.request(rid);
        int code = operation.code().value();
        int length = channel.direct(tier, code, operation.isCompressible(), operation.request(), envelope,
                request);
        if (length == Session.NOT_NOW) {
            Outgoing message = new Outgoing(tier, code, InboundCall.encode(operation.request(), envelope,
                    request),
                    operation.isCompressible());
            length = message.length();
            if (length <= channel.largestPayload() && !channel.answer(message)) {
                return new NotExecuted("the session has ended");
            }
        }
        if (length > channel.largestPayload()) {
            return new IOException(tooLarge(length, channel));
        }
        Supplier<IOException> over = ended;
        return over == null ? null : over.get();
    }

    /** When {@link #expire} has something to do next. */
    long nextDeadline() {
        return nextDeadline.get();
    }

    /** Ends the wait for answers that have not come in time. */
    void expire(long now) {
        if (now < nextDeadline.get()) {
            return;
        }
        nextDeadline.set(Long.MAX_VALUE);
        for (RidTable.Entry<Waiting> each : entries()) {
            Waiting waiting = each.value();
            if (waiting.deadline > now) {
                nextDeadline.accumulateAndGet(waiting.deadline, Math::min);
            } else if (forget(each.rid(), waiting)) {
                waiting.fail(new IOException("no answer in time"));
            }
        }
    }

    private static <A> A read(Operation<?, A> operation, Payload payload) throws Refused, IOException {
        if (!payload.status().success()) {
            Envelope envelope = payload.envelope();
            Tier required = Tier.of(envelope.requiredTier());
            if (required != null) {
                throw Refused.tierTooLow(required);
            }
            String why = envelope.error() == null ? envelope.status().name() : envelope.error();
            if (envelope.retryAfter() >= 0 && envelope.status().equals(ErrorCode.SERVICE_UNAVAILABLE)) {
                throw Refused.notNow(Duration.ofMillis(envelope.retryAfter()), why);
            }
            throw new Refused(envelope.status(), why);
        }
        try {
            return operation.answer().read(payload);
        } catch (Refused unreadable) {
            throw new IOException("the answer to %s cannot be read: %s".formatted(operation.name(),
                    unreadable.getMessage()));
        }
    }

    <Q, A> Followed<A> follow(Channel channel, Operation<Q, A> operation, Q request, Tier tier, int credit,
            Duration timeout) throws IOException, InterruptedException {
        if (credit < 1) {
            throw new IllegalArgumentException("credit must be 1 or more, got " + credit);
        }
        Answers answers = new Answers(operation.answerCode().value());
        long rid = register(answers, timeout);
        try {
            send(channel, new Outgoing(tier, operation.code().value(),
                    InboundCall.encode(operation.request(), Envelope.followed(rid, credit), request),
                    operation.isCompressible()));
        } catch (IOException | InterruptedException failed) {
            forget(rid, answers);
            throw failed;
        }
        return new Following<>(channel, operation, tier, rid, answers, credit);
    }

    /** A followed call at its caller: grants credit anew when half of it is used. */
    private static final class Following<A> implements Followed<A> {

        private final Channel channel;
        private final Operation<?, A> operation;
        private final Tier tier;
        private final long rid;
        private final Answers answers;
        private final int credit;
        private int taken;
        private boolean done;
        private boolean closed;

        Following(Channel channel, Operation<?, A> operation, Tier tier, long rid, Answers answers,
                int credit) {
            this.channel = channel;
            this.operation = operation;
            this.tier = tier;
            this.rid = rid;
            this.answers = answers;
            this.credit = credit;
        }

        @Override
        public long rid() {
            return rid;
        }

        @Override
        public A next() throws Refused, IOException, InterruptedException {
            if (done) {
                return null;
            }
            Payload payload = answers.take(null);
            done = !payload.more();
            if (!done && ++taken * 2 >= credit) {
                channel.put(grant(taken));
                taken = 0;
            }
            return read(operation, payload);
        }

        @Override
        public boolean last() {
            return done;
        }

        @Override
        public void close() {
            if (!done && !closed) {
                closed = true;
                answers.drop();
                channel.answer(grant(0));
            }
        }

        private Outgoing grant(int more) {
            return new Outgoing(tier, operation.code().value(),
                    InboundCall.encode(EMPTY, Envelope.credit(rid, more), None.NONE), false);
        }
    }
}
