package org.myclerk.op.serial.internal;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

import org.myclerk.api.device.Lease;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.device.serial.OpenSerialPort;
import org.myclerk.op.serial.PortData;

/**
 * A port that a node has open. A platform thread of its own reads it into a buffer of {@value #LIMIT} bytes. When that
 * is full the thread stops reading if the line then holds back its sender; otherwise it goes on, and the oldest bytes
 * are lost and counted.
 */
final class OpenPort {

    private static final int LIMIT = 65_536;
    private static final int BLOCK = 16_384;
    private static final int LEAST_FREE = 1_024;
    private static final Duration READ_AT_MOST = Duration.ofMinutes(1);
    private static final Duration DRAIN_AT_MOST = Duration.ofSeconds(2);

    private final String id;
    private final Lease lease;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ReadBuffer buffer = new ReadBuffer();
    private OpenSerialPort driver;
    private long lost;
    private Reading reader;
    private Refused ended;

    OpenPort(String id, Lease lease) {
        this.id = id;
        this.lease = lease;
    }

    Lease lease() {
        return lease;
    }

    /** Begins to read. */
    void start(OpenSerialPort opened) {
        lock.lock();
        try {
            driver = opened;
        } finally {
            lock.unlock();
        }
        Thread.ofPlatform().name("serial " + id).daemon().start(() -> pump(opened));
    }

    /** @throws Refused if it has ended, or is not there yet */
    OpenSerialPort driver() throws Refused {
        lock.lock();
        try {
            if (ended != null) {
                throw ended;
            }
            if (driver == null) {
                throw Refused.unavailable("%s is being opened: try again".formatted(id));
            }
            return driver;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Ends readers with that refusal and closes the port; of several reasons the first counts.
     *
     * @param drain whether to let out first what was written, if the port is sound
     */
    void end(Refused why, boolean drain) {
        OpenSerialPort closing;
        boolean first;
        lock.lock();
        try {
            first = ended == null;
            if (first) {
                ended = why;
            }
            closing = driver;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (closing == null) {
            return;
        }
        try {
            if (drain && first) {
                closing.drain(DRAIN_AT_MOST);
            }
        } catch (IOException _) {
            // It failed already, which is why it is closed.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        closing.close();
    }

    /** Ends it because the driver failed; the lease goes back. */
    Refused fail(IOException failure) {
        Refused why = Refused.unavailable("%s was unplugged or failed (%s): open it again when it is back"
                .formatted(id, failure.getMessage()));
        lock.lock();
        try {
            if (ended != null) {
                return ended;
            }
            ended = why;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        lease.release();
        return why;
    }

    /**
     * Makes a node that holds the port the one that reads. If the port has just come from another node, what that reads
     * ends first.
     *
     * @throws Refused if another call of the node reads
     */
    Reading read(Bytes node) throws Refused, InterruptedException {
        lock.lockInterruptibly();
        try {
            while (reader != null && !reader.node.equals(node)) {
                changed.signalAll();
                changed.await();
            }
            if (reader != null) {
                throw Refused.unavailable("another call reads %s: end that one first".formatted(id));
            }
            reader = new Reading(node);
            return reader;
        } finally {
            lock.unlock();
        }
    }

    private void pump(OpenSerialPort port) {
        byte[] block = new byte[BLOCK];
        int filled = 0;
        try {
            while (awaitRoom(port)) {
                if (block.length - filled < LEAST_FREE) {
                    block = new byte[BLOCK];
                    filled = 0;
                }
                int count = port.read(block, filled, block.length - filled, READ_AT_MOST);
                if (count > 0) {
                    append(block, filled, count);
                    filled += count;
                }
            }
        } catch (IOException e) {
            fail(e);
        } catch (InterruptedException _) {
            fail(new IOException("its thread was interrupted"));
        }
    }

    /** @return false once the port has ended */
    private boolean awaitRoom(OpenSerialPort port) throws InterruptedException {
        lock.lock();
        try {
            while (ended == null && buffer.size() >= LIMIT && port.holdsBack()) {
                changed.await();
            }
            return ended == null;
        } finally {
            lock.unlock();
        }
    }

    private void append(byte[] block, int offset, int count) {
        lock.lock();
        try {
            buffer.append(block, offset, count);
            while (buffer.size() > LIMIT + BLOCK) {
                lost += buffer.take(buffer.size() - LIMIT - BLOCK).length();
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The one reader of a port. */
    final class Reading implements AutoCloseable {

        private final Bytes node;

        Reading(Bytes node) {
            this.node = node;
        }

        /**
         * Waits for bytes; without any after the timeout, or once the caller wants no more.
         *
         * @throws Refused if the port has ended, or has gone to another node: then nothing was taken
         */
        PortData take(int max, Duration timeout, BooleanSupplier enough) throws Refused, InterruptedException {
            long left = timeout.toNanos();
            lock.lock();
            try {
                refuseIfMoved();
                while (buffer.size() == 0) {
                    if (ended != null) {
                        throw ended;
                    }
                    if (enough.getAsBoolean() || left <= 0) {
                        break;
                    }
                    left = changed.awaitNanos(left);
                    refuseIfMoved();
                }
                PortData data = new PortData(buffer.take(max), lost == 0 ? Optional.empty() : Optional.of(lost));
                lost = 0;
                changed.signalAll();
                return data;
            } finally {
                lock.unlock();
            }
        }

        private void refuseIfMoved() throws Refused {
            if (moved()) {
                throw gone();
            }
        }

        /** Whether another node holds the port now. */
        boolean moved() {
            return !lease.node().equals(node);
        }

        /** What is told to the node that held it before. */
        Refused gone() {
            return Refused.forbidden("%s has gone to %s by a route: it comes back when that leaves".formatted(id,
                    lease.holder()));
        }

        /** Has {@link #take} look again whether it was enough. */
        void wake() {
            lock.lock();
            try {
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }

        /** Keeps what could not be sent for the next reader. */
        void putBack(PortData unsent) {
            lock.lock();
            try {
                buffer.putBack(unsent.data());
                lost += unsent.lost().orElse(0L);
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() {
            lock.lock();
            try {
                if (reader == this) {
                    reader = null;
                    changed.signalAll();
                }
            } finally {
                lock.unlock();
            }
        }
    }
}
