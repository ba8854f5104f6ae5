package org.myclerk.op.device.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import org.myclerk.api.device.DeviceEvent;
import org.myclerk.api.operation.ProtocolException.Refused;

/** The events of one subscription on their way to the caller. Thread-safe; giving never waits. */
final class News {

    /** More than that, and the caller begins anew: nothing is left out in silence. */
    static final int MOST = 10_000;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private List<DeviceEvent> waiting = new ArrayList<>();
    private boolean ended;
    private Refused failure;

    void give(DeviceEvent event) {
        lock.lock();
        try {
            if (waiting.size() >= MOST) {
                failure =
                        Refused.unavailable("%d events wait and you take none: subscribe again".formatted(
                        MOST));
                waiting.clear();
            } else if (failure == null && !ended) {
                waiting.add(event);
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Ends it, at once. */
    void end() {
        lock.lock();
        try {
            ended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Ends it with a refusal. */
    void fail(Refused refusal) {
        lock.lock();
        try {
            failure = refusal;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for events; none once it has ended. */
    List<DeviceEvent> take() throws Refused, InterruptedException {
        lock.lockInterruptibly();
        try {
            while (waiting.isEmpty() && !ended && failure == null) {
                changed.await();
            }
            if (failure != null) {
                throw failure;
            }
            List<DeviceEvent> taken = waiting;
            waiting = new ArrayList<>();
            return ended ? List.of() : taken;
        } finally {
            lock.unlock();
        }
    }
}
