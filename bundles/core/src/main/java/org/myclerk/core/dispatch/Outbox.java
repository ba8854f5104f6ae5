package org.myclerk.core.dispatch;

import java.util.ArrayDeque;

import org.myclerk.core.session.Outgoing;

/**
 * The messages of one session that wait to be sealed. Bounded: who sends faster than the peer reads waits
 * here. Thread-safe.
 */
final class Outbox {

    private static final int MOST_MESSAGES = 1024;
    private static final long MOST_BYTES = 2 << 20;

    private ArrayDeque<Outgoing> waiting = new ArrayDeque<>(1);
    private long bytes;
    private boolean closed;

    /**
     * Adds a message, waiting for room.
     *
     * @return false if the session has ended
     */
    synchronized boolean put(Outgoing message) throws InterruptedException {
        while (!closed && full()) {
            wait();
        }
        return add(message);
    }

    /** Adds a message if there is room and the session lives. */
    synchronized boolean offer(Outgoing message) {
        return !full() && add(message);
    }

    /**
     * Adds a message whether there is room or not: for answers, whose number is limited by the open requests.
     */
    synchronized boolean force(Outgoing message) {
        return add(message);
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
    synchronized ArrayDeque<Outgoing> swap(ArrayDeque<Outgoing> empty) {
        ArrayDeque<Outgoing> taken = waiting;
        waiting = empty;
        bytes = 0;
        notifyAll();
        return taken;
    }

    synchronized boolean isEmpty() {
        return waiting.isEmpty();
    }

    synchronized void close() {
        closed = true;
        waiting.clear();
        bytes = 0;
        notifyAll();
    }
}
