package org.myclerk.itests;

import java.io.ByteArrayOutputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Reads from a terminal until it is told to wait, and keeps what came. Thread-safe. */
final class Tap {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ByteArrayOutputStream got = new ByteArrayOutputStream();
    private final Semaphore all;
    private int limit;

    /**
     * @param limit how much is read before it waits for {@link #open}
     * @param all gets a permit for each byte
     */
    Tap(Path terminal, int limit, Semaphore all) {
        this.limit = limit;
        this.all = all;
        Thread.ofPlatform().daemon().name("tap " + terminal).start(() -> run(terminal));
    }

    private void run(Path terminal) {
        byte[] block = new byte[4096];
        try (InputStream in = new FileInputStream(terminal.toFile())) {
            while (true) {
                int count = in.read(block);
                lock.lock();
                try {
                    if (count < 0) {
                        return;
                    }
                    got.write(block, 0, count);
                    all.release(count);
                    changed.signalAll();
                    while (got.size() >= limit) {
                        changed.await();
                    }
                } finally {
                    lock.unlock();
                }
            }
        } catch (IOException | InterruptedException _) {
            // The terminal has gone with the test.
        }
    }

    /** Reads on without a limit. */
    void open() {
        lock.lock();
        try {
            limit = Integer.MAX_VALUE;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until that much has come. */
    void await(int size) throws InterruptedException {
        long left = TimeUnit.SECONDS.toNanos(Distribution.SECONDS);
        lock.lock();
        try {
            while (got.size() < size) {
                if (left <= 0) {
                    throw new AssertionError("%d bytes came, %d were to".formatted(got.size(), size));
                }
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    byte[] bytes() {
        lock.lock();
        try {
            return got.toByteArray();
        } finally {
            lock.unlock();
        }
    }
}
