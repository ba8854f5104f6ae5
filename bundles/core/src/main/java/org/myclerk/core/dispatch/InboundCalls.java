package org.myclerk.core.dispatch;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

import org.myclerk.api.operation.ProtocolException.Refused;

/** The peer's open requests on one session (profile §18: 256). Thread-safe. */
final class InboundCalls {

    private final Map<Long, InboundCall<?>> open = new ConcurrentHashMap<>();
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
     * For a call that is over before anything else happens on this session.
     *
     * @throws Refused as {@link #add}
     */
    void check(long rid) throws Refused {
        if (open.isEmpty()) {
            return;
        }
        if (open.size() >= most) {
            throw tooMany();
        }
        if (open.containsKey(rid)) {
            throw stillOpen(rid);
        }
    }

    /** @throws Refused 0x10 for a rid that is open, 0x21 when too many are */
    void add(long rid, InboundCall<?> call) throws Refused {
        if (open.size() >= most) {
            throw tooMany();
        }
        if (open.putIfAbsent(rid, call) != null) {
            throw stillOpen(rid);
        }
        unanswered.incrementAndGet();
    }

    /** The call is in other hands; nothing happens if it has ended meanwhile. */
    void replace(long rid, InboundCall<?> before, InboundCall<?> next) {
        open.replace(rid, before, next);
    }

    private Refused tooMany() {
        return Refused.unavailable("%d requests are open, wait for an answer".formatted(most));
    }

    private static Refused stillOpen(long rid) {
        return Refused.badRequest("rid %d is still open".formatted(rid));
    }

    void remove(long rid) {
        open.remove(rid);
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
        open.values().forEach(InboundCall::leave);
    }

    boolean isClosing() {
        return closing;
    }

    /** Whoever works on a call is interrupted. */
    void interruptAll() {
        open.values().forEach(InboundCall::abandon);
    }

    void credit(long rid, long more) {
        InboundCall<?> call = open.get(rid);
        if (call != null) {
            call.credit(more);
        }
    }

    boolean isEmpty() {
        return open.isEmpty();
    }

    void abandonAll() {
        stay.leave();
        open.values().forEach(InboundCall::abandon);
        open.clear();
    }
}
