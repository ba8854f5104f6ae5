package org.myclerk.core.dispatch;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import org.myclerk.api.operation.Bindings;
import org.myclerk.api.operation.OpCode;
import org.myclerk.api.operation.OperationTable;

/**
 * Which handler serves which operation. Handlers come and go while messages are dispatched: a lookup reads an
 * immutable snapshot, and whoever meets a slot that is closing reads the table again, because its replacement may
 * stand there already.
 */
public final class HandlerTable {

    private final ReentrantLock writing = new ReentrantLock();
    private volatile Map<Integer, Slot[]> byCode = Map.of();
    private volatile List<Slot> slots = List.of();

    /**
     * Takes a handler into service.
     *
     * @param rank of several that serve a code the highest is asked, among equals the one added last
     */
    public Slot add(Bindings bindings, int rank) {
        Slot slot = new Slot(bindings, rank);
        change(slot, true);
        return slot;
    }

    /**
     * Takes a handler out of service: new messages no longer find it, and the method waits for those under way.
     *
     * @return whether all of them came to their end in time
     */
    public boolean remove(Slot slot, Duration patience) {
        change(slot, false);
        return slot.closeAndDrain(patience);
    }

    private void change(Slot slot, boolean adding) {
        writing.lock();
        try {
            List<Slot> all = new ArrayList<>(slots);
            if (adding) {
                all.addFirst(slot);
            } else {
                all.remove(slot);
            }
            all.sort(Comparator.comparingInt((Slot s) -> s.rank).reversed());
            Map<Integer, List<Slot>> lists = new HashMap<>();
            for (Slot one : all) {
                for (var row : one.bindings.table().rows()) {
                    if (one.bindings.binding(row.code()) != null) {
                        lists.computeIfAbsent(row.code().value(), _ -> new ArrayList<>()).add(one);
                    }
                }
            }
            Map<Integer, Slot[]> next = HashMap.newHashMap(lists.size());
            lists.forEach((code, list) -> next.put(code, list.toArray(Slot[]::new)));
            slots = List.copyOf(all);
            byCode = next;
        } finally {
            writing.unlock();
        }
    }

    /**
     * Enters the best handler of an operation.
     *
     * @return a slot that must be left with {@link Slot#exit}, or {@code null} if nothing serves the code
     */
    Slot enter(int code) {
        while (true) {
            Slot[] candidates = byCode.get(code);
            if (candidates == null) {
                return null;
            }
            for (Slot slot : candidates) {
                if (slot.enter()) {
                    return slot;
                }
            }
            if (byCode.get(code) == candidates) {
                Thread.onSpinWait();
            }
        }
    }

    /** Whether anything serves the code now. */
    public boolean serves(OpCode code) {
        return byCode.containsKey(code.value());
    }

    /** The tables that are served, in the order of their ranges. */
    public List<OperationTable> tables() {
        return slots.stream().map(slot -> slot.bindings.table()).distinct()
                .sorted(Comparator.comparing(OperationTable::first)).toList();
    }

    @Override
    public String toString() {
        return Arrays.toString(tables().toArray());
    }

    /** One handler in service. */
    public static final class Slot {

        private static final long CLOSED = 1L << 62;

        private final Bindings bindings;
        private final int rank;
        private final AtomicLong state = new AtomicLong();
        private final ReentrantLock lock = new ReentrantLock();
        private final Condition empty = lock.newCondition();

        private Slot(Bindings bindings, int rank) {
            this.bindings = bindings;
            this.rank = rank;
        }

        Bindings.Binding<?, ?> binding(int code) {
            return bindings.binding(new OpCode(code));
        }

        private boolean enter() {
            while (true) {
                long now = state.get();
                if ((now & CLOSED) != 0) {
                    return false;
                }
                if (state.compareAndSet(now, now + 1)) {
                    return true;
                }
            }
        }

        void exit() {
            if (state.decrementAndGet() == CLOSED) {
                lock.lock();
                try {
                    empty.signalAll();
                } finally {
                    lock.unlock();
                }
            }
        }

        private boolean closeAndDrain(Duration patience) {
            state.getAndUpdate(now -> now | CLOSED);
            long left = patience.toNanos();
            lock.lock();
            try {
                while (state.get() != CLOSED) {
                    if (left <= 0) {
                        return false;
                    }
                    left = empty.awaitNanos(left);
                }
                return true;
            } catch (InterruptedException stopping) {
                Thread.currentThread().interrupt();
                return state.get() == CLOSED;
            } finally {
                lock.unlock();
            }
        }
    }
}
