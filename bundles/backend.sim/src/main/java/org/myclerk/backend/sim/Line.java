package org.myclerk.backend.sim;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import org.myclerk.api.payload.Bytes;

/** Bytes on their way to one reader, at most {@value #LIMIT} at a time. Thread-safe. */
final class Line {

    static final int LIMIT = 65_536;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final byte[] ring = new byte[LIMIT];
    private int head;
    private int count;
    private String broken;

    /** Waits for room. */
    void put(Bytes data) throws IOException, InterruptedException {
        int done = 0;
        lock.lock();
        try {
            while (done < data.length()) {
                while (count == LIMIT && broken == null) {
                    changed.await();
                }
                check();
                int room = Math.min(LIMIT - count, data.length() - done);
                store(data.slice(done, room));
                done += room;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Drops what finds no room, as a wire does. */
    void offer(Bytes data) {
        lock.lock();
        try {
            store(data.slice(0, Math.min(LIMIT - count, data.length())));
        } finally {
            lock.unlock();
        }
    }

    private void store(Bytes data) {
        int tail = (head + count) % LIMIT;
        int first = Math.min(data.length(), LIMIT - tail);
        data.slice(0, first).copyTo(ring, tail);
        data.slice(first, data.length() - first).copyTo(ring, 0);
        count += data.length();
        changed.signalAll();
    }

    int take(byte[] into, int offset, int length, Duration timeout) throws IOException, InterruptedException {
        long left = timeout.toNanos();
        lock.lock();
        try {
            while (count == 0) {
                check();
                if (left <= 0) {
                    return 0;
                }
                left = changed.awaitNanos(left);
            }
            int taken = Math.min(count, length);
            int first = Math.min(taken, LIMIT - head);
            System.arraycopy(ring, head, into, offset, first);
            System.arraycopy(ring, 0, into, offset + first, taken - first);
            head = (head + taken) % LIMIT;
            count -= taken;
            changed.signalAll();
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** Ends everybody who waits with that reason. */
    void breakOff(String reason) {
        lock.lock();
        try {
            broken = broken == null ? reason : broken;
            count = 0;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void check() throws IOException {
        if (broken != null) {
            throw new IOException(broken);
        }
    }
}
