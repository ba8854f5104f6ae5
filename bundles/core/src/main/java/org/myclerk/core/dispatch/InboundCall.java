package org.myclerk.core.dispatch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

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
import org.myclerk.core.session.Session;

/**
 * A request of the peer from its arrival to its last answer: who calls, the way back, and the credit that the
 * caller grants (profile §6). Thread-safe.
 */
final class InboundCall<A> implements Caller, Answers<A> {

    private static final PayloadCodec<None> EMPTY = PayloadCodec.of(None.class);

    private final Channel channel;
    private Operation<?, A> operation;
    private final Tier tier;
    private final long rid;
    private final boolean followed;

    /** Made when it is needed: most calls have none. */
    private List<Runnable> atEnd = List.of();
    private long credit;
    private boolean ended;
    private Thread runner;
    private String device;
    private Refused takenBack;
    private HandlerTable.Slot slot;
    private Runnable onMove;
    private Runnable onLeave;
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

    /** Its row; {@code null} once it is done. */
    Operation<?, A> operation() {
        return operation;
    }

    /** It has been answered. Who keeps it, as the caller of events to come, does not keep what served it. */
    void done() {
        operation = null;
        slot = null;
        onMove = null;
        onLeave = null;
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
        return put(event, event.answer(), Envelope.event(rid), value);
    }

    private <T> boolean put(Operation<?, ?> row, PayloadCodec<T> codec, Envelope envelope, T value)
            throws InterruptedException {
        int length = direct(row, codec, envelope, value);
        return length == Session.NOT_NOW ? channel.put(encode(row, codec, envelope, value))
                : length <= channel.largestPayload();
    }

    private <T> int direct(Operation<?, ?> row, PayloadCodec<T> codec, Envelope envelope, T value) {
        return channel.direct(tier, code(row, envelope), row.isCompressible(), codec, envelope, value);
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
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        synchronized (this) {
            while (credit == 0 && !ended && !moving) {
                wait();
            }
            if (ended || moving) {
                return false;
            }
            credit--;
        }
        return put(operation, operation.answer(), Envelope.responseWithMore(rid), answer);
    }

    @Override
    public boolean offer(A answer) {
        synchronized (this) {
            if (credit == 0 || ended || moving) {
                return false;
            }
            if (!channel.offer(encode(operation, operation.answer(), Envelope.responseWithMore(rid),
                    answer))) {
                return false;
            }
            credit--;
            return true;
        }
    }

    @Override
    public boolean ended() {
        synchronized (this) {
            return ended;
        }
    }

    @Override
    public void onEnd(Runnable task) {
        synchronized (this) {
            if (!ended) {
                if (atEnd.isEmpty()) {
                    atEnd = new ArrayList<>();
                }
                atEnd.add(task);
                return;
            }
        }
        task.run();
    }

    @Override
    public void movable(Runnable task) {
        synchronized (this) {
            onMove = task;
        }
        slot.telling(this);
    }

    @Override
    public void onLeave(Runnable task) {
        synchronized (this) {
            onLeave = task;
        }
        slot.telling(this);
    }

    @Override
    public boolean moves() {
        synchronized (this) {
            return moving && !ended;
        }
    }

    /** As {@link #moves}, also if the caller has ended the call since. */
    boolean isMoving() {
        synchronized (this) {
            return moving;
        }
    }

    /** The handler goes: a movable call leaves it, another that asked for it is told. */
    void handlerGoes() {
        Runnable told;
        synchronized (this) {
            told = onMove == null ? onLeave : this::move;
            onLeave = null;
        }
        if (told != null) {
            told.run();
        }
    }

    private void move() {
        Runnable task;
        synchronized (this) {
            if (moving || ended) {
                return;
            }
            moving = true;
            task = onMove;
            notifyAll();
        }
        task.run();
    }

    /**
     * The same call in the hands of the next version; what concerns this one concerns that one from now on.
     */
    <B> InboundCall<B> moveTo(Operation<?, B> row) {
        InboundCall<B> next;
        List<Runnable> tasks;
        synchronized (this) {
            next = new InboundCall<>(channel, row, tier, rid, followed ? credit : -1);
            next.ended = ended;
            successor = next;
            tasks = atEnd;
            atEnd = List.of();
        }
        tasks.forEach(Runnable::run);
        return next;
    }

    /** Whose handler works on it from now on. */
    void servedBy(HandlerTable.Slot handler) {
        slot = handler;
    }

    private InboundCall<?> successor() {
        synchronized (this) {
            return successor;
        }
    }

    /** The caller grants more, or with 0 ends the call. */
    void credit(long more) {
        synchronized (this) {
            if (successor == null && more != 0) {
                credit = Long.MAX_VALUE - credit < more ? Long.MAX_VALUE : credit + more;
                notifyAll();
                return;
            }
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
        synchronized (this) {
            if (ended) {
                return;
            }
            ended = true;
            notifyAll();
            tasks = atEnd;
            atEnd = List.of();
        }
        tasks.forEach(Runnable::run);
    }

    /** The right that the call rests on has ended: so does the call, with that refusal. */
    void takeBack(Refused refused) {
        synchronized (this) {
            if (!ended) {
                takenBack = refused;
            }
        }
        end();
    }

    /** What {@link #takeBack} was told, or {@code null}. */
    Refused takenBack() {
        synchronized (this) {
            return takenBack;
        }
    }

    /** The session is closing: a movable call moves, another followed one is abandoned. */
    void leave() {
        boolean movable;
        synchronized (this) {
            movable = onMove != null;
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
        synchronized (this) {
            if (runner != null) {
                runner.interrupt();
            }
        }
    }

    void runner(Thread thread) {
        synchronized (this) {
            runner = thread;
            if (thread != null && ended && !followed) {
                thread.interrupt();
            }
        }
    }

    /** Sends the last answer. One that is too large is replaced by 0x21 (profile §6). */
    void answer(A value) {
        Envelope envelope = Envelope.response(rid, ErrorCode.OK);
        int length = direct(operation, operation.answer(), envelope, value);
        Outgoing queued = null;
        if (length == Session.NOT_NOW) {
            queued = encode(operation, operation.answer(), envelope, value);
            length = queued.length();
        }
        if (length > channel.largestPayload()) {
            refuse(Refused.unavailable("the answer of %d bytes does not fit, %d do".formatted(length,
                    channel.largestPayload())));
        } else if (queued != null) {
            channel.answer(queued);
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
        return new Outgoing(tier, code(row, envelope), encode(codec, envelope, value), row.isCompressible());
    }

    private static int code(Operation<?, ?> row, Envelope envelope) {
        return envelope.isResponse() ? row.answerCode().value() : row.code().value();
    }

    static <T> byte[] encode(PayloadCodec<T> codec, Envelope envelope, T value) {
        MessagePackWriter out = new MessagePackWriter();
        codec.write(out, envelope, value);
        return out.length() == out.array().length ? out.array() : Arrays.copyOf(out.array(), out.length());
    }
}
