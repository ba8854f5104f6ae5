package org.myclerk.core.dispatch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import org.myclerk.api.client.Peer;
import org.myclerk.api.operation.Answers;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Envelope;
import org.myclerk.api.payload.MessagePackWriter;
import org.myclerk.api.payload.None;
import org.myclerk.api.payload.PayloadCodec;
import org.myclerk.core.session.Outgoing;

/**
 * A request of the peer from its arrival to its last answer: who calls, the way back, and the credit that the caller
 * grants (profile §6). Thread-safe.
 */
final class InboundCall<A> implements Caller, Answers<A> {

    private static final PayloadCodec<None> EMPTY = PayloadCodec.of(None.class);

    private final Channel channel;
    private final Operation<?, A> operation;
    private final Tier tier;
    private final long rid;
    private final boolean followed;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<Runnable> atEnd = new ArrayList<>();
    private long credit;
    private boolean ended;
    private Thread runner;
    private String device;
    private Refused takenBack;
    private HandlerTable.Slot slot;
    private Runnable onMove;
    private boolean moving;
    private InboundCall<?> successor;

    /** @param credit as sent, -1 if the request had none */
    InboundCall(Channel channel, Operation<?, A> operation, Tier tier, long rid, long credit) {
        this.channel = channel;
        this.operation = operation;
        this.tier = tier;
        this.rid = rid;
        this.followed = credit >= 0 && operation.isFollowed();
        this.credit = credit < 0 ? Long.MAX_VALUE : credit;
    }

    /** The call acts on that device, {@code null} for none. */
    void on(String device) {
        this.device = device;
    }

    String device() {
        return device;
    }

    Operation<?, A> operation() {
        return operation;
    }

    @Override
    public Bytes nodeId() {
        return channel.identity().node();
    }

    @Override
    public String name() {
        return channel.identity().name();
    }

    @Override
    public Bytes family() {
        return channel.identity().family();
    }

    @Override
    public Set<String> roles() {
        return channel.identity().roles();
    }

    @Override
    public Tier tier() {
        return tier;
    }

    @Override
    public Bytes session() {
        return channel.uid();
    }

    @Override
    public long rid() {
        return rid;
    }

    @Override
    public Peer peer() {
        return channel.peer();
    }

    @Override
    public <E> boolean emit(Operation<?, E> event, E value) throws InterruptedException {
        return channel.put(encode(event, event.answer(), Envelope.event(rid), value));
    }

    @Override
    public <E> boolean offer(Operation<?, E> event, E value) {
        return channel.offer(encode(event, event.answer(), Envelope.event(rid), value));
    }

    @Override
    public void onSessionEnd(Runnable task) {
        channel.onEnd(task);
    }

    @Override
    public boolean followed() {
        return followed;
    }

    @Override
    public boolean send(A answer) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (credit == 0 && !ended && !moving) {
                changed.await();
            }
            if (ended || moving) {
                return false;
            }
            credit--;
        } finally {
            lock.unlock();
        }
        return channel.put(encode(operation, operation.answer(), Envelope.responseWithMore(rid), answer));
    }

    @Override
    public boolean offer(A answer) {
        lock.lock();
        try {
            if (credit == 0 || ended || moving) {
                return false;
            }
            if (!channel.offer(encode(operation, operation.answer(), Envelope.responseWithMore(rid), answer))) {
                return false;
            }
            credit--;
            return true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean ended() {
        lock.lock();
        try {
            return ended;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void onEnd(Runnable task) {
        lock.lock();
        try {
            if (!ended) {
                atEnd.add(task);
                return;
            }
        } finally {
            lock.unlock();
        }
        task.run();
    }

    @Override
    public void movable(Runnable task) {
        lock.lock();
        try {
            onMove = task;
        } finally {
            lock.unlock();
        }
        slot.movable(this);
    }

    @Override
    public boolean moves() {
        lock.lock();
        try {
            return moving && !ended;
        } finally {
            lock.unlock();
        }
    }

    /** As {@link #moves}, also if the caller has ended the call since. */
    boolean isMoving() {
        lock.lock();
        try {
            return moving;
        } finally {
            lock.unlock();
        }
    }

    /** The handler is being replaced, and the call is movable. */
    void move() {
        Runnable task;
        lock.lock();
        try {
            if (moving || ended) {
                return;
            }
            moving = true;
            task = onMove;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        task.run();
    }

    /** The same call in the hands of the next version; what concerns this one concerns that one from now on. */
    <B> InboundCall<B> moveTo(Operation<?, B> row) {
        InboundCall<B> next;
        List<Runnable> tasks;
        lock.lock();
        try {
            next = new InboundCall<>(channel, row, tier, rid, followed ? credit : -1);
            next.ended = ended;
            successor = next;
            tasks = List.copyOf(atEnd);
            atEnd.clear();
        } finally {
            lock.unlock();
        }
        tasks.forEach(Runnable::run);
        return next;
    }

    /** Whose handler works on it from now on. */
    void servedBy(HandlerTable.Slot handler) {
        slot = handler;
    }

    private InboundCall<?> successor() {
        lock.lock();
        try {
            return successor;
        } finally {
            lock.unlock();
        }
    }

    /** The caller grants more, or with 0 ends the call. */
    void credit(long more) {
        lock.lock();
        try {
            if (successor == null && more != 0) {
                credit = Long.MAX_VALUE - credit < more ? Long.MAX_VALUE : credit + more;
                changed.signalAll();
                return;
            }
        } finally {
            lock.unlock();
        }
        InboundCall<?> next = successor();
        if (next != null) {
            next.credit(more);
        } else {
            end();
        }
    }

    private void end() {
        List<Runnable> tasks;
        lock.lock();
        try {
            if (ended) {
                return;
            }
            ended = true;
            changed.signalAll();
            tasks = List.copyOf(atEnd);
            atEnd.clear();
        } finally {
            lock.unlock();
        }
        tasks.forEach(Runnable::run);
    }

    /** The right that the call rests on has ended: so does the call, with that refusal. */
    void takeBack(Refused refused) {
        lock.lock();
        try {
            if (!ended) {
                takenBack = refused;
            }
        } finally {
            lock.unlock();
        }
        end();
    }

    /** What {@link #takeBack} was told, or {@code null}. */
    Refused takenBack() {
        lock.lock();
        try {
            return takenBack;
        } finally {
            lock.unlock();
        }
    }

    /** The session is closing: a movable call moves, another followed one is abandoned. */
    void leave() {
        boolean movable;
        lock.lock();
        try {
            movable = onMove != null;
        } finally {
            lock.unlock();
        }
        if (movable) {
            move();
        } else if (followed) {
            abandon();
        }
    }

    /** The session has ended: whoever works on the call is interrupted. */
    void abandon() {
        end();
        InboundCall<?> next = successor();
        if (next != null) {
            next.abandon();
        }
        lock.lock();
        try {
            if (runner != null) {
                runner.interrupt();
            }
        } finally {
            lock.unlock();
        }
    }

    void runner(Thread thread) {
        lock.lock();
        try {
            runner = thread;
            if (thread != null && ended && !followed) {
                thread.interrupt();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Sends the last answer. One that is too large is replaced by 0x21 (profile §6). */
    void answer(A value) {
        Outgoing answer = encode(operation, operation.answer(), Envelope.response(rid, ErrorCode.OK), value);
        if (answer.length() > channel.largestPayload()) {
            refuse(Refused.unavailable("the answer of %d bytes does not fit, %d do".formatted(answer.length(),
                    channel.largestPayload())));
        } else {
            channel.answer(answer);
        }
    }

    void refuse(Refused refused) {
        channel.answer(refusal(operation.answerCode().value(), tier, rid, refused));
    }

    static Outgoing refusal(int operation, Tier tier, long rid, Refused refused) {
        Envelope envelope = refused.retryAfter() != null
                ? Envelope.notNow(rid, refused.code(), refused.getMessage(), refused.retryAfter().toMillis())
                : Envelope.refusal(rid, refused.code(), refused.getMessage(),
                        refused.requiredTier() == null ? -1 : refused.requiredTier().number());
        return new Outgoing(tier, operation, encode(EMPTY, envelope, None.NONE), false);
    }

    private <T> Outgoing encode(Operation<?, ?> row, PayloadCodec<T> codec, Envelope envelope, T value) {
        int code = envelope.isResponse() ? row.answerCode().value() : row.code().value();
        return new Outgoing(tier, code, encode(codec, envelope, value), row.isCompressible());
    }

    static <T> byte[] encode(PayloadCodec<T> codec, Envelope envelope, T value) {
        MessagePackWriter out = new MessagePackWriter();
        codec.write(out, envelope, value);
        return Arrays.copyOf(out.array(), out.length());
    }
}
