package org.myclerk.core.dispatch;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import org.myclerk.api.operation.ProtocolException.Refused;

/** The peer's open requests on one session (profile §18: 256). Thread-safe. */
final class InboundCalls {

    /** Filled on the session's loop alone, emptied by any thread; its monitor guards it. */
    private final RidTable<InboundCall<?>> open = new RidTable<>();
    private final int most;
    private final AtomicInteger unanswered = new AtomicInteger();
    private final HandlerTable.Stay stay = new HandlerTable.Stay();
    private volatile boolean closing;

    InboundCalls(int most) {
        this.most = most;
    }

    /** Where requests are being served in this turn of the loop; on the loop only. */
    HandlerTable.Stay stay() {
        return stay;
    }

    /**
     * For a call that is over before anything else happens on this session. On the loop, which filled the
     * table: if it is empty there, it is.
     *
     * @throws Refused as {@link #add}
     */
    void check(long rid) throws Refused {
        if (!open.isEmpty()) {
            synchronized (open) {
                checkRoom(rid);
            }
        }
    }

    /** On the loop. @throws Refused 0x10 for a rid that is open, 0x21 when too many are */
    void add(long rid, InboundCall<?> call) throws Refused {
        synchronized (open) {
            checkRoom(rid);
            open.put(rid, call);
        }
        unanswered.incrementAndGet();
    }

    private void checkRoom(long rid) throws Refused {
        if (open.size() >= most) {
            throw Refused.unavailable("%d requests are open, wait for an answer".formatted(most));
        }
        if (open.get(rid) != null) {
            throw Refused.badRequest("rid %d is still open".formatted(rid));
        }
    }

    /** The call is in other hands; nothing happens if it has ended meanwhile. */
    void replace(long rid, InboundCall<?> before, InboundCall<?> next) {
        synchronized (open) {
            if (open.remove(rid, before)) {
                open.put(rid, next);
            }
        }
    }

    private InboundCall<?> get(long rid) {
        synchronized (open) {
            return open.get(rid);
        }
    }

    private List<RidTable.Entry<InboundCall<?>>> entries() {
        synchronized (open) {
            return open.entries();
        }
    }

    void remove(long rid) {
        synchronized (open) {
            open.remove(rid, open.get(rid));
        }
    }

    /** Its last answer is in the session's queue. */
    void answered() {
        unanswered.decrementAndGet();
    }

    /** Whether every call has its last answer in the session's queue. */
    boolean allAnswered() {
        return unanswered.get() == 0;
    }

    /** From now on requests are refused; followed calls are brought to an end, the others go on. */
    void closing() {
        closing = true;
        entries().forEach(each -> each.value().leave());
    }

    boolean isClosing() {
        return closing;
    }

    /** Whoever works on a call is interrupted. */
    void interruptAll() {
        entries().forEach(each -> each.value().abandon());
    }

    void credit(long rid, long more) {
        InboundCall<?> call = get(rid);
        if (call != null) {
            call.credit(more);
        }
    }

    boolean isEmpty() {
        synchronized (open) {
            return open.isEmpty();
        }
    }

    void abandonAll() {
        stay.leave();
        for (RidTable.Entry<InboundCall<?>> each : entries()) {
            each.value().abandon();
            remove(each.rid());
        }
    }
}
