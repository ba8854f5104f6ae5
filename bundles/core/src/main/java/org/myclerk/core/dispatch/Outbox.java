package org.myclerk.core.dispatch;

import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import org.myclerk.core.session.Outgoing;

/**
 * The messages of one session that wait to be sealed. Bounded: who sends faster than the peer reads waits here.
 * Thread-safe.
 */
final class Outbox {

    private static final int MOST_MESSAGES = 1024;
    private static final long MOST_BYTES = 2 << 20;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition room = lock.newCondition();
    private ArrayDeque<Outgoing> waiting = new ArrayDeque<>();
    private long bytes;
    private boolean closed;

    /**
     * Adds a message, waiting for room.
     *
     * @return false if the session has ended
     */
    boolean put(Outgoing message) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!closed && full()) {
                room.await();
            }
            return add(message);
        } finally {
            lock.unlock();
        }
    }

    /** Adds a message if there is room and the session lives. */
    boolean offer(Outgoing message) {
        lock.lock();
        try {
            return !full() && add(message);
        } finally {
            lock.unlock();
        }
    }

    /** Adds a message whether there is room or not: for answers, whose number is limited by the open requests. */
    boolean force(Outgoing message) {
        lock.lock();
        try {
            return add(message);
        } finally {
            lock.unlock();
        }
    }

    private boolean add(Outgoing message) {
        if (closed) {
            return false;
        }
        waiting.add(message);
        bytes += message.length();
        return true;
    }

    private boolean full() {
        return waiting.size() >= MOST_MESSAGES || bytes >= MOST_BYTES;
    }

    /** Hands over all that waits, in order, in exchange for an empty queue. */
    ArrayDeque<Outgoing> swap(ArrayDeque<Outgoing> empty) {
        lock.lock();
        try {
            ArrayDeque<Outgoing> taken = waiting;
            waiting = empty;
            bytes = 0;
            room.signalAll();
            return taken;
        } finally {
            lock.unlock();
        }
    }

    boolean isEmpty() {
        lock.lock();
        try {
            return waiting.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    void close() {
        lock.lock();
        try {
            closed = true;
            waiting.clear();
            bytes = 0;
            room.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
