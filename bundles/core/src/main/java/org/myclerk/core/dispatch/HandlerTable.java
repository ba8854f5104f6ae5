package org.myclerk.core.dispatch;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

import org.myclerk.api.client.Peer.Subscription;
import org.myclerk.api.operation.Bindings;
import org.myclerk.api.operation.OpCode;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.OperationTable;

/**
 * Which handler serves which operation. Handlers come and go while messages are dispatched: a lookup reads an
 * immutable snapshot, and whoever meets a slot that is closing reads the table again, because its replacement
 * may stand there already. While bundles are being replaced, the codes of a handler that left stay in the
 * table without a handler: who asks for one waits, and is never told that nothing serves it (decision 55).
 */
public final class HandlerTable {

    /** Stands for a handler whose bundle is just being replaced. */
    static final Slot AWAITED = new Slot(null, 0, 0);

    private static final Slot[] NOBODY_YET = {AWAITED};

    private final Runnable beforeEntering;
    private final ReentrantLock writing = new ReentrantLock();
    private final Condition changed = writing.newCondition();
    private final Set<Integer> awaited = new TreeSet<>();
    private final Set<OperationTable> leaving = new HashSet<>();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private boolean replacing;
    private volatile CodeMap<Slot[]> byCode = new CodeMap<>(Map.of());
    private volatile List<Slot> slots = List.of();
    private volatile List<OperationTable> tables = List.of();

    public HandlerTable() {
        this(() -> { });
    }

    /** @param beforeEntering runs between a lookup's look at the table and its entering of a slot */
    HandlerTable(Runnable beforeEntering) {
        this.beforeEntering = beforeEntering;
    }

    /**
     * Takes a handler into service.
     *
     * @param bundle id of the bundle it comes from, 0 without a framework
     * @param rank of several that serve a code the highest is asked, among equals the one added last
     */
    public Slot add(Bindings bindings, long bundle, int rank) {
        Slot slot = new Slot(bindings, bundle, rank);
        change(() -> {
            List<Slot> all = new ArrayList<>(slots);
            all.addFirst(slot);
            all.sort(Comparator.comparingInt((Slot s) -> s.rank).reversed());
            slots = List.copyOf(all);
        });
        return slot;
    }

    /**
     * Takes a handler out of service: new messages no longer find it, movable calls leave it, and the method
     * waits for the others under way.
     *
     * @param patience for them; six times as much if others serve all that it did, because nobody waits then
     * @return whether all calls came to their end in time
     */
    public boolean remove(Slot slot, Duration patience) {
        change(() -> {
            List<Slot> all = new ArrayList<>(slots);
            all.remove(slot);
            slots = List.copyOf(all);
            if (replacing) {
                awaited.addAll(slot.codes());
                leaving.add(slot.table());
            }
        });
        boolean others = slot.codes().stream().map(byCode::get)
                .allMatch(left -> left != null && left != NOBODY_YET);
        return slot.closeAndDrain(others ? patience.multipliedBy(6) : patience);
    }

    /**
     * Begins or ends a time in which bundles are replaced. In it the codes of handlers that leave are
     * awaited.
     *
     * @param expected codes that are awaited as well, for a table that is itself new
     */
    public void replacing(boolean is, Collection<Integer> expected) {
        change(() -> {
            replacing = is;
            if (is) {
                awaited.addAll(expected);
            } else {
                awaited.clear();
                leaving.clear();
            }
        });
    }

    private void change(Runnable what) {
        writing.lock();
        try {
            what.run();
            Map<Integer, List<Slot>> lists = new HashMap<>();
            for (Slot one : slots) {
                for (int code : one.codes()) {
                    lists.computeIfAbsent(code, _ -> new ArrayList<>()).add(one);
                }
            }
            Map<Integer, Slot[]> next = HashMap.newHashMap(lists.size() + awaited.size());
            awaited.forEach(code -> next.put(code, NOBODY_YET));
            lists.forEach((code, list) -> next.put(code, list.toArray(Slot[]::new)));
            byCode = new CodeMap<>(next);
            tables = tablesNow();
            changed.signalAll();
        } finally {
            writing.unlock();
        }
        listeners.forEach(Runnable::run);
    }

    /** Something else that dispatch waits for is there. */
    public void awaken() {
        change(() -> { });
    }

    /** Runs a task, which must not block, after every change from now on. */
    Subscription onChange(Runnable task) {
        listeners.add(task);
        return () -> listeners.remove(task);
    }

    private List<OperationTable> tablesNow() {
        Map<OpCode, OperationTable> now = new TreeMap<>();
        leaving.forEach(table -> now.put(table.first(), table));
        slots.reversed().forEach(slot -> now.put(slot.table().first(), slot.table()));
        return List.copyOf(now.values());
    }

    /**
     * Enters the best handler of an operation.
     *
     * @return a slot that must be left with {@link Slot#exit}, {@link #AWAITED} if its bundle is being
     *     replaced, or {@code null} if nothing serves the code
     */
    Slot enter(int code) {
        while (true) {
            Slot[] candidates = byCode.get(code);
            if (candidates == null) {
                return null;
            }
            if (candidates == NOBODY_YET) {
                return AWAITED;
            }
            beforeEntering.run();
            for (Slot slot : candidates) {
                if (slot.enter()) {
                    return slot;
                }
            }
            // All of them have closed, so the table has changed: the replacement may be in it.
            Thread.onSpinWait();
        }
    }

    /**
     * Enters as {@link #enter(int)} does, for the length of a stay.
     *
     * @return as there, but who asked leaves with {@link Stay#leave}
     */
    Slot enter(int code, Stay stay) {
        Slot here = stay.slot;
        if (here != null) {
            Slot[] candidates = byCode.get(code);
            if (candidates != null && candidates[0] == here && !here.closed) {
                return here;
            }
            stay.leave();
        }
        Slot slot = enter(code);
        stay.slot = slot == AWAITED ? null : slot;
        return slot;
    }

    /**
     * A session's stay in a handler while its loop has requests for it: what many requests in a row have in
     * common is done once (decision 82). Confined to one thread, and short, because who takes the handler out
     * of service waits for its end.
     */
    static final class Stay {

        private Slot slot;
        private long served;

        /** A request was answered. */
        void served() {
            served++;
        }

        void leave() {
            if (slot != null) {
                slot.served.add(served);
                slot.exit();
                slot = null;
                served = 0;
            }
        }
    }

    /**
     * Enters as {@link #enter(int)} does; only after waiting in vain is it told {@link #AWAITED}.
     *
     * @param ready what must hold as well; who changes it calls {@link #awaken}
     */
    Slot await(int code, BooleanSupplier ready, Duration patience) throws InterruptedException {
        long left = patience.toNanos();
        writing.lockInterruptibly();
        try {
            while (true) {
                Slot slot = ready.getAsBoolean() ? enter(code) : AWAITED;
                if (slot != AWAITED || left <= 0) {
                    return slot;
                }
                left = changed.awaitNanos(left);
            }
        } finally {
            writing.unlock();
        }
    }

    /** Whether anything serves the code now, or will as soon as its bundle has been replaced. */
    public boolean serves(OpCode code) {
        return byCode.get(code.value()) != null;
    }

    /** All codes for which {@link #serves} holds. */
    public Set<Integer> codes() {
        return byCode.codes();
    }

    /**
     * The tables that are served or being replaced, in the order of their ranges; of several versions the
     * best.
     */
    public List<OperationTable> tables() {
        return tables;
    }

    /** The handlers in service. */
    public List<Slot> slots() {
        return slots;
    }

    @Override
    public String toString() {
        return Arrays.toString(tables().toArray());
    }

    /** One handler in service. */
    public static final class Slot {

        private final Bindings bindings;
        private final long bundle;
        private final int rank;
        private final CodeMap<Bindings.Binding<?, ?>> byCode;
        /** Only ever counted up, by every loop for itself; the difference is how many are inside. */
        private final LongAdder entered = new LongAdder();
        private final LongAdder left = new LongAdder();
        private volatile boolean closed;
        private final ReentrantLock lock = new ReentrantLock();
        private final Condition empty = lock.newCondition();
        private final Set<InboundCall<?>> told = ConcurrentHashMap.newKeySet();
        private final LongAdder served = new LongAdder();
        private final LongAdder failed = new LongAdder();

        private Slot(Bindings bindings, long bundle, int rank) {
            this.bindings = bindings;
            this.bundle = bundle;
            this.rank = rank;
            Map<Integer, Bindings.Binding<?, ?>> bound = new HashMap<>();
            if (bindings != null) {
                for (Operation<?, ?> row : bindings.table().rows()) {
                    Bindings.Binding<?, ?> binding = bindings.binding(row.code());
                    if (binding != null) {
                        bound.put(row.code().value(), binding);
                    }
                }
            }
            this.byCode = new CodeMap<>(bound);
        }

        /** Id of the bundle that it comes from. */
        public long bundle() {
            return bundle;
        }

        public OperationTable table() {
            return bindings.table();
        }

        /** How many requests it has answered, refusals included. */
        public long served() {
            return served.sum();
        }

        /** How many of them ended in an error of its own (0x20). */
        public long failed() {
            return failed.sum();
        }

        /** A request was answered. */
        public void count(boolean failure) {
            served.increment();
            if (failure) {
                failed.increment();
            }
        }

        Bindings.Binding<?, ?> binding(int code) {
            return byCode.get(code);
        }

        private Set<Integer> codes() {
            return byCode.codes();
        }

        /** Who is inside enters once more, for another thread; it leaves with {@link #exit}. */
        void again() {
            entered.increment();
        }

        private boolean enter() {
            entered.increment();
            if (closed) {
                exit();
                return false;
            }
            return true;
        }

        void exit() {
            left.increment();
            if (closed && empty()) {
                lock.lock();
                try {
                    empty.signalAll();
                } finally {
                    lock.unlock();
                }
            }
        }

        /**
         * Whether nobody is inside. Who left is counted first: both only grow, so that equal sums mean that
         * all who had entered by then had left, and after closing nobody enters.
         */
        private boolean empty() {
            long gone = left.sum();
            return entered.sum() == gone;
        }

        /** A call that is told when the handler goes. */
        void telling(InboundCall<?> call) {
            told.add(call);
            if (closed) {
                call.handlerGoes();
            }
        }

        void ended(InboundCall<?> call) {
            told.remove(call);
        }

        private boolean closeAndDrain(Duration patience) {
            closed = true;
            told.forEach(InboundCall::handlerGoes);
            long patient = patience.toNanos();
            lock.lock();
            try {
                while (!empty()) {
                    if (patient <= 0) {
                        return false;
                    }
                    patient = empty.awaitNanos(patient);
                }
                return true;
            } catch (InterruptedException stopping) {
                Thread.currentThread().interrupt();
                return empty();
            } finally {
                lock.unlock();
            }
        }
    }
}
