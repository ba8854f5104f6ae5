package org.myclerk.core.dispatch;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import org.myclerk.api.client.Peer.Subscription;
import org.myclerk.api.guard.Guard;
import org.myclerk.api.guard.Step;
import org.myclerk.api.guard.Who;
import org.myclerk.api.operation.Bindings.Binding;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.Kind;
import org.myclerk.api.operation.OpCode;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Fields;
import org.myclerk.api.payload.Payload;

/**
 * Brings a request to its handler, past every check in the order of profile §16: tier, right to the
 * operation, handler, payload, right to the device, limits. Thread-safe; called on the session's loop, where
 * only inline handlers run.
 */
public final class Dispatcher {

    private static final Logger LOG = System.getLogger("org.myclerk.core");

    /**
     * How long callers wait for the next version of a handler, and after what time they had better ask again.
     */
    static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final Duration SOON = Duration.ofMillis(100);

    private static final String CLOSING =
            "the session is closing, nothing was done: ask again over the next one";
    private static final Refused FAILED = new Refused(ErrorCode.INTERNAL_ERROR,
            "the node failed at this; its log says why");

    /** The guard of anonymous senders: whoever comes that far was let in by a rule for this one operation. */
    private static final Guard BY_RULE = new Guard() {

        @Override
        public void operation(Caller caller, Operation<?, ?> operation) {
            // The rule names it.
        }

        @Override
        public void device(Caller caller, Operation<?, ?> operation, String device) {
            // The rule is for all devices.
        }

        @Override
        public List<Step> explain(Who who, Operation<?, ?> operation, Optional<String> device) {
            return List.of();
        }

        @Override
        public Subscription onNarrowed(Runnable task) {
            return () -> { };
        }
    };

    private final HandlerTable table;
    private final Supplier<Guard> guard;
    private final Set<InboundCall<?>> followed = ConcurrentHashMap.newKeySet();

    /**
     * @param guard gives {@code null} while the guard's bundle is being replaced: requests wait for it then
     */
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
        Guard now = guard.get();
        Operation<?, ?> row = call.operation();
        if (now == null || row == null) {
            return;
        }
        try {
            now.operation(call, row);
            checkDevice(now, call);
        } catch (Refused refused) {
            call.takeBack(refused);
        }
    }

    private static void checkDevice(Guard guard, InboundCall<?> call) throws Refused {
        if (call.device() != null) {
            guard.device(call, call.operation(), call.device());
        }
    }

    /**
     * Serves a request, or a message without rid, which gets no answer.
     *
     * @param calls the open requests of that session
     * @return false if its handler or the guard is being replaced: ask again when the table has changed
     */
    boolean request(Channel channel, InboundCalls calls, Tier tier, int code, Payload payload) {
        if (calls.isClosing()) {
            notNow(channel, tier, code, payload, CLOSING);
            return true;
        }
        Guard now = guard.get();
        return now != null && serve(now, channel, calls, tier, code, payload);
    }

    /**
     * Serves what an operator's rule permits an anonymous sender: that was the question of rights. An
     * operation that is not for that tier gets no answer, because the rule alone does not permit it.
     */
    void anonymous(Channel channel, InboundCalls calls, Tier tier, int code, Payload payload) {
        HandlerTable.Slot slot = table.enter(code, calls.stay());
        Operation<?, ?> row = slot == null || slot == HandlerTable.AWAITED ? null
                : slot.binding(code).operation();
        if (!tier.below(Floors.of(code, row)) && !serve(BY_RULE, channel, calls, tier, code, payload)) {
            refuse(BY_RULE, channel, tier, code, payload, Refused.notNow(SOON,
                    "its handler is being replaced"));
        }
    }

    /** @return false if the handler is being replaced */
    private boolean serve(Guard now, Channel channel, InboundCalls calls, Tier tier, int code,
            Payload payload) {
        HandlerTable.Slot slot = table.enter(code, calls.stay());
        if (slot == HandlerTable.AWAITED) {
            return false;
        }
        if (slot == null) {
            refuse(now, channel, tier, code, payload,
                    Refused.notFound("nothing that is installed here serves " + new OpCode(code)));
        } else {
            withHandler(now, channel, calls, tier, slot, slot.binding(code), payload);
        }
        return true;
    }

    /** Nothing is executed: the handler's next version did not come in time, or the session is closing. */
    void notNow(Channel channel, Tier tier, int code, Payload payload, String reason) {
        refuse(guard.get(), channel, tier, code, payload, Refused.notNow(SOON, reason));
    }

    private static void refuse(Guard now, Channel channel, Tier tier, int code, Payload payload,
            Refused otherwise) {
        Operation<Fields, Fields> unknown = Operation.unknown(new OpCode(code));
        InboundCall<Fields> call = new InboundCall<>(channel, unknown, tier, payload.rid(), -1);
        try {
            checkTier(tier, code, null);
            if (now != null) {
                now.operation(call, unknown);
            }
            throw otherwise;
        } catch (Refused refused) {
            if (call.rid() != 0) {
                call.refuse(refused);
            }
        }
    }

    private <Q, A> void withHandler(Guard now, Channel channel, InboundCalls calls, Tier tier,
            HandlerTable.Slot slot, Binding<Q, A> binding, Payload payload) {
        Operation<Q, A> row = binding.operation();
        long rid = payload.rid();
        InboundCall<A> call = new InboundCall<>(channel, row, tier, rid, payload.credit());
        Q request;
        // Whether the call is over before anything else can happen to it.
        boolean atOnce;
        try {
            request = checked(now, call, row, payload);
            atOnce = !call.followed() && binding.atOnce(request);
            if (rid != 0 && atOnce) {
                calls.check(rid);
            } else if (rid != 0) {
                calls.add(rid, call);
            }
        } catch (Refused refused) {
            if (rid != 0) {
                call.refuse(refused);
            }
            return;
        }
        watch(call);
        if (atOnce) {
            runAtOnce(slot, calls.stay(), binding, call, request);
            return;
        }
        slot.again();
        if (row.isInline()) {
            run(calls, slot, binding, call, request, payload);
        } else {
            Thread.ofVirtual().name(row.name(), rid).start(() -> run(calls, slot, binding, call, request,
                    payload));
        }
    }

    private <Q, A> void runAtOnce(HandlerTable.Slot slot, HandlerTable.Stay stay, Binding<Q, A> binding,
            InboundCall<A> call, Q request) {
        Refused refused = null;
        A answer = null;
        call.servedBy(slot);
        try {
            answer = answered(binding, call, request);
        } catch (Refused refusal) {
            refused = refusal;
        }
        if (refused == FAILED) {
            slot.count(true);
        } else {
            stay.served();
        }
        if (call.rid() != 0) {
            end(binding, call, refused, answer);
        }
    }

    /** What the handler answers; {@code null} if it has nothing to say or hands the call on. */
    private static <Q, A> A answered(Binding<Q, A> binding, InboundCall<A> call, Q request) throws Refused {
        try {
            A answer = binding.method().answer(call, request, call);
            if (answer == null && binding.operation().kind() == Kind.CALL && !call.isMoving()) {
                LOG.log(Level.ERROR, "{0} answered nothing", binding.operation());
                throw FAILED;
            }
            return answer;
        } catch (InterruptedException stopped) {
            throw new Refused(ErrorCode.TIMEOUT, "stopped on the way, it may have acted or not");
        } catch (RuntimeException | StackOverflowError bug) {
            throw failed(binding, call, bug);
        }
    }

    private static Refused failed(Binding<?, ?> binding, InboundCall<?> call, Throwable bug) {
        LOG.log(Level.ERROR, "%s failed, session %s rid %d".formatted(binding.operation(),
                call.session().toHex(),
                call.rid()), bug);
        return FAILED;
    }

    private static <A> void end(Binding<?, A> binding, InboundCall<A> call, Refused refused, A answer) {
        try {
            if (refused != null) {
                call.refuse(refused);
            } else if (answer != null) {
                call.answer(answer);
            }
        } catch (IllegalArgumentException bug) {
            call.refuse(failed(binding, call, bug));
        }
    }

    private void watch(InboundCall<?> call) {
        if (call.followed() && !call.anonymous()) {
            followed.add(call);
            // A right that ended before the call was in the list is seen here, one that ends later by
            // reconsider.
            reconsider(call);
        }
    }

    private static <Q, A> Q checked(Guard guard, InboundCall<A> call, Operation<Q, A> row, Payload payload)
            throws Refused {
        checkTier(call.tier(), row.code().value(), row);
        guard.operation(call, row);
        Q request = row.request().read(payload);
        call.on(row.request().deviceOf(request));
        checkDevice(guard, call);
        return request;
    }

    private <Q, A> void run(InboundCalls calls, HandlerTable.Slot slot,
            Binding<Q, A> binding, InboundCall<A> call, Q request, Payload payload) {
        Refused refused = null;
        A answer = null;
        call.servedBy(slot);
        call.runner(Thread.currentThread());
        try {
            answer = answered(binding, call, request);
        } catch (Refused refusal) {
            refused = refusal;
        } finally {
            call.runner(null);
            slot.ended(call);
            slot.count(refused == FAILED);
            slot.exit();
            if (call.followed()) {
                followed.remove(call);
            }
        }
        refused = call.takenBack() == null ? refused : call.takenBack();
        if (call.rid() == 0) {
            return;
        }
        if (refused == null && answer == null) {
            goOn(calls, call, binding.operation().code().value(), payload);
            return;
        }
        calls.remove(call.rid());
        end(binding, call, refused, answer);
        call.done();
        calls.answered();
    }

    /** The next version of its handler goes on with a call. On the call's own thread. */
    private void goOn(InboundCalls calls, InboundCall<?> call, int code, Payload payload) {
        HandlerTable.Slot slot = null;
        if (!calls.isClosing()) {
            try {
                slot = table.await(code, () -> guard.get() != null, PATIENCE);
            } catch (InterruptedException sessionEnded) {
                Thread.currentThread().interrupt();
            }
        }
        if (slot == null || slot == HandlerTable.AWAITED) {
            end(calls, call, calls.isClosing() ? Refused.notNow(SOON, CLOSING)
                    : Refused.unavailable("what served this stopped, and no other version came"));
        } else {
            goOn(calls, call, slot, slot.binding(code), payload);
        }
    }

    private static void end(InboundCalls calls, InboundCall<?> call, Refused refused) {
        calls.remove(call.rid());
        call.refuse(refused);
        calls.answered();
    }

    private <Q, A> void goOn(InboundCalls calls,
            InboundCall<?> before, HandlerTable.Slot slot, Binding<Q, A> binding,
            Payload payload) {
        InboundCall<A> call = before.moveTo(binding.operation());
        calls.replace(call.rid(), before, call);
        Q request;
        try {
            Guard now = guard.get();
            if (now == null) {
                throw Refused.notNow(SOON, "the rights are being replaced: ask again");
            }
            request = checked(now, call, binding.operation(), payload);
        } catch (Refused refused) {
            slot.exit();
            end(calls, call, refused);
            return;
        }
        if (calls.isClosing()) {
            slot.exit();
            end(calls, call, Refused.notNow(SOON, CLOSING));
            return;
        }
        watch(call);
        // On a thread of its own: this one holds the version before.
        Thread.ofVirtual().name(Thread.currentThread().getName())
                .start(() -> run(calls, slot, binding, call, request, payload));
    }

    private static void checkTier(Tier tier, int code, Operation<?, ?> row) throws Refused {
        Tier floor = Floors.of(code, row);
        if (tier.below(floor)) {
            throw Refused.tierTooLow(floor);
        }
    }

}
