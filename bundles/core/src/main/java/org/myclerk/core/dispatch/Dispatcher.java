package org.myclerk.core.dispatch;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import org.myclerk.api.guard.Guard;
import org.myclerk.api.operation.Bindings.Binding;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.Kind;
import org.myclerk.api.operation.OpCode;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Fields;
import org.myclerk.api.payload.Payload;

/**
 * Brings a request to its handler, past every check in the order of profile §16: tier, right to the operation, handler,
 * payload, right to the device, limits. Thread-safe; called on the session's loop, where only inline handlers run.
 */
public final class Dispatcher {

    private static final Logger LOG = System.getLogger("org.myclerk.core");

    private final HandlerTable table;
    private final Supplier<Guard> guard;
    private final Set<InboundCall<?>> followed = ConcurrentHashMap.newKeySet();

    public Dispatcher(HandlerTable table, Supplier<Guard> guard) {
        this.table = table;
        this.guard = guard;
    }

    public HandlerTable table() {
        return table;
    }

    /** Asks the guard again about the followed calls under way and ends those it no longer lets through. */
    public void reconsider() {
        followed.forEach(this::reconsider);
    }

    private void reconsider(InboundCall<?> call) {
        try {
            guard.get().operation(call, call.operation());
            checkDevice(call);
        } catch (Refused refused) {
            call.takeBack(refused);
        }
    }

    private void checkDevice(InboundCall<?> call) throws Refused {
        if (call.device() != null) {
            guard.get().device(call, call.operation(), call.device());
        }
    }

    /**
     * Serves a request, or a message without rid, which gets no answer.
     *
     * @param calls the open requests of that session
     */
    void request(Channel channel, InboundCalls calls, Tier tier, int code, Payload payload) {
        HandlerTable.Slot slot = table.enter(code);
        if (slot == null) {
            withoutHandler(channel, tier, code, payload);
            return;
        }
        boolean handed = false;
        try {
            handed = withHandler(channel, calls, tier, slot, slot.binding(code), payload);
        } finally {
            if (!handed) {
                slot.exit();
            }
        }
    }

    private void withoutHandler(Channel channel, Tier tier, int code, Payload payload) {
        Operation<Fields, Fields> unknown = Operation.unknown(new OpCode(code));
        InboundCall<Fields> call = new InboundCall<>(channel, unknown, tier, payload.envelope().rid(), -1);
        try {
            checkTier(tier, code, null);
            guard.get().operation(call, unknown);
            throw Refused.notFound("nothing here serves " + unknown.code());
        } catch (Refused refused) {
            if (call.rid() != 0) {
                call.refuse(refused);
            }
        }
    }

    private <Q, A> boolean withHandler(Channel channel, InboundCalls calls, Tier tier, HandlerTable.Slot slot,
            Binding<Q, A> binding, Payload payload) {
        Operation<Q, A> row = binding.operation();
        long rid = payload.envelope().rid();
        InboundCall<A> call = new InboundCall<>(channel, row, tier, rid, payload.envelope().credit());
        Q request;
        try {
            checkTier(tier, row.code().value(), row);
            guard.get().operation(call, row);
            request = row.request().read(payload);
            call.on(row.request().deviceOf(request));
            checkDevice(call);
            if (rid != 0) {
                calls.add(rid, call);
            }
            if (call.followed()) {
                followed.add(call);
            }
        } catch (Refused refused) {
            if (rid != 0) {
                call.refuse(refused);
            }
            return false;
        }
        if (call.followed()) {
            // A right that ended before the call was in the list is seen here, one that ends later by reconsider.
            reconsider(call);
        }
        Runnable work = () -> run(calls, slot, binding, call, request);
        if (row.isInline()) {
            work.run();
        } else {
            Thread.ofVirtual().name(row.name(), rid).start(work);
        }
        return true;
    }

    private <Q, A> void run(InboundCalls calls, HandlerTable.Slot slot, Binding<Q, A> binding, InboundCall<A> call,
            Q request) {
        Refused refused = null;
        A answer = null;
        call.runner(Thread.currentThread());
        try {
            answer = binding.method().answer(call, request, call);
        } catch (Refused refusal) {
            refused = refusal;
        } catch (InterruptedException stopped) {
            refused = Refused.unavailable("stopped before it was done");
        } catch (RuntimeException | StackOverflowError bug) {
            LOG.log(Level.ERROR, "%s failed, session %s rid %d".formatted(binding.operation(),
                    call.session().toHex(), call.rid()), bug);
            refused = new Refused(ErrorCode.INTERNAL_ERROR, "the node failed at this; its log says why");
        } finally {
            call.runner(null);
            slot.exit();
            if (call.followed()) {
                followed.remove(call);
            }
        }
        refused = call.takenBack() == null ? refused : call.takenBack();
        if (call.rid() == 0) {
            return;
        }
        calls.remove(call.rid());
        if (refused != null) {
            call.refuse(refused);
        } else if (answer == null && binding.operation().kind() == Kind.CALL) {
            LOG.log(Level.ERROR, "{0} answered nothing", binding.operation());
            call.refuse(new Refused(ErrorCode.INTERNAL_ERROR, "the node failed at this; its log says why"));
        } else if (answer != null) {
            call.answer(answer);
        }
    }

    private static void checkTier(Tier tier, int code, Operation<?, ?> row) throws Refused {
        Tier floor = Floors.of(code, row);
        if (tier.below(floor)) {
            throw Refused.tierTooLow(floor);
        }
    }

}
