package org.myclerk.core.dispatch;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.myclerk.api.operation.ProtocolException.Refused;

/** The peer's open requests on one session (profile §18: 256). Thread-safe. */
final class InboundCalls {

    private final Map<Long, InboundCall<?>> open = new ConcurrentHashMap<>();
    private final int most;

    InboundCalls(int most) {
        this.most = most;
    }

    /** @throws Refused 0x10 for a rid that is open, 0x21 when too many are */
    void add(long rid, InboundCall<?> call) throws Refused {
        if (open.size() >= most) {
            throw Refused.unavailable("%d requests are open, wait for an answer".formatted(most));
        }
        if (open.putIfAbsent(rid, call) != null) {
            throw Refused.badRequest("rid %d is still open".formatted(rid));
        }
    }

    void remove(long rid) {
        open.remove(rid);
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
        open.values().forEach(InboundCall::abandon);
        open.clear();
    }
}
