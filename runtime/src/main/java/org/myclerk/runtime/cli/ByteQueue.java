package org.myclerk.runtime.cli;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import org.myclerk.api.payload.Bytes;

/** Bytes in order, up to a bound, from one thread to another. Either waits for the other. */
final class ByteQueue {

    private final byte[] ring;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private int first;
    private int size;
    private boolean ended;

    ByteQueue(int capacity) {
        ring = new byte[capacity];
    }

    /** Adds all, waiting for room. What is added after the end is dropped. */
    void put(byte[] bytes, int length) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            int done = 0;
            while (done < length && !ended) {
                if (size == ring.length) {
                    changed.await();
                    continue;
                }
                int at = (first + size) % ring.length;
                int count = Math.min(length - done, Math.min(ring.length - size, ring.length - at));
                System.arraycopy(bytes, done, ring, at, count);
                size += count;
                done += count;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Nothing more comes. */
    void end() {
        lock.lock();
        try {
            ended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes what is there, waiting for at least one byte.
     *
     * @return {@code null} after the end
     */
    Bytes take(int most) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (size == 0) {
                if (ended) {
                    return null;
                }
                changed.await();
            }
            byte[] taken = new byte[Math.min(most, size)];
            int straight = Math.min(taken.length, ring.length - first);
            System.arraycopy(ring, first, taken, 0, straight);
            System.arraycopy(ring, 0, taken, straight, taken.length - straight);
            first = (first + taken.length) % ring.length;
            size -= taken.length;
            changed.signalAll();
            return Bytes.wrap(taken);
        } finally {
            lock.unlock();
        }
    }

    int size() {
        lock.lock();
        try {
            return size;
        } finally {
            lock.unlock();
        }
    }
}
