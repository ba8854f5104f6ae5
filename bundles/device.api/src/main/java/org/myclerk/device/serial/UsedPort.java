package org.myclerk.device.serial;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

import org.myclerk.api.device.Device;
import org.myclerk.api.device.Lease;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;

/**
 * A port that a node has open, kept with its lease: it stays open while the handler that opened it is replaced. A
 * platform thread of its own reads it into a buffer of {@value #LIMIT} bytes. When that is full the thread stops
 * reading if the line then holds back its sender; otherwise it goes on, and the oldest bytes are lost and counted.
 */
public final class UsedPort implements Lease.Use {

    private static final int LIMIT = 65_536;
    private static final int BLOCK = 16_384;
    private static final int LEAST_FREE = 1_024;
    private static final Duration READ_AT_MOST = Duration.ofMinutes(1);
    private static final Duration DRAIN_AT_MOST = Duration.ofSeconds(1);
    private static final Duration SOON = Duration.ofMillis(100);

    private final String id;
    private final Lease lease;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ReadBuffer buffer = new ReadBuffer();
    private OpenSerialPort driver;
    private long lost;
    private Reading reader;
    private Refused ended;
    private int writing;
    private SerialSettings suspendedAt;
    private boolean reopened;

    public UsedPort(String id, Lease lease) {
        this.id = id;
        this.lease = lease;
    }

    public Lease lease() {
        return lease;
    }

    /**
     * Begins to read.
     *
     * @throws Refused if the lease has ended meanwhile; the port is closed then
     */
    public void start(OpenSerialPort opened) throws Refused {
        Refused over;
        lock.lock();
        try {
            over = ended;
            driver = over == null ? opened : null;
            suspendedAt = null;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (over != null) {
            opened.close();
            throw over;
        }
        Thread.ofPlatform().name("serial " + id).daemon().start(() -> pump(opened));
    }

    /** @throws Refused if it has ended, or is not there yet */
    public OpenSerialPort driver() throws Refused {
        lock.lock();
        try {
            if (ended != null) {
                throw ended;
            }
            if (suspendedAt != null) {
                throw Refused.notNow(SOON, "the driver of %s is being replaced: ask again".formatted(id));
            }
            if (driver == null) {
                throw Refused.notNow(SOON, "%s is being opened: ask again".formatted(id));
            }
            return driver;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Hands bytes to the kernel, waiting for room. What this has returned from leaves the machine even if the driver is
     * replaced.
     *
     * @throws Refused if the port has ended or failed, or its driver was replaced on the way
     */
    public void write(Bytes data) throws Refused, InterruptedException {
        OpenSerialPort to;
        lock.lock();
        try {
            to = driver();
            writing++;
        } finally {
            lock.unlock();
        }
        try {
            to.write(data);
        } catch (IOException e) {
            throw isCurrent(to) ? fail(e) : new Refused(ErrorCode.TIMEOUT,
                    "the driver of %s was replaced on the way: part of it may have been sent".formatted(id));
        } finally {
            lock.lock();
            try {
                writing--;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    private boolean isCurrent(OpenSerialPort port) {
        lock.lock();
        try {
            return driver == port;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void suspend() {
        OpenSerialPort closing;
        lock.lock();
        try {
            closing = driver;
            if (closing == null || ended != null) {
                return;
            }
            suspendedAt = closing.settings();
            driver = null;
            long left = DRAIN_AT_MOST.toNanos();
            while (writing > 0 && left > 0) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
            return;
        } finally {
            lock.unlock();
        }
        drainAndClose(closing, true);
    }

    @Override
    public boolean resume(Device device) {
        if (!(device.driver() instanceof SerialPort port)) {
            return false;
        }
        SerialSettings settings;
        lock.lock();
        try {
            settings = suspendedAt;
        } finally {
            lock.unlock();
        }
        if (settings == null) {
            return true;
        }
        try {
            OpenSerialPort opened = port.open(settings);
            lock.lock();
            try {
                reopened = true;
            } finally {
                lock.unlock();
            }
            start(opened);
        } catch (IOException failed) {
            fail(new IOException("it does not open again: " + failed.getMessage()));
        } catch (Refused over) {
            // The lease ended meanwhile.
        }
        return true;
    }

    @Override
    public Map<String, Object> state() {
        lock.lock();
        try {
            SerialSettings now = driver != null ? driver.settings() : suspendedAt;
            return ended != null || now == null ? Map.of() : now.toMap();
        } finally {
            lock.unlock();
        }
    }

    /** The next one to read is told that the port was closed and opened again. */
    public void wasReopened() {
        lock.lock();
        try {
            reopened = true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void end(Lease.End why) {
        end(switch (why) {
            case RELEASED -> Refused.unavailable("%s was closed: open it again".formatted(id));
            case EXPIRED -> Refused.unavailable("%s was closed, the session had ended: open it again".formatted(id));
            case REVOKED -> Refused.forbidden("%s was taken back by an administrator: ask for it".formatted(id));
            case VANISHED -> Refused.notFound("%s was unplugged: open it again when it is back".formatted(id));
            case STOPPED -> Refused.unavailable("%s was closed, the node stops: open it again later".formatted(id));
        }, why != Lease.End.VANISHED);
    }

    /**
     * Ends readers with that refusal and closes the port; of several reasons the first counts.
     *
     * @param drain whether to let out first what was written, if the port is sound
     */
    private void end(Refused why, boolean drain) {
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
        drainAndClose(closing, drain && first);
    }

    private static void drainAndClose(OpenSerialPort closing, boolean drain) {
        try {
            if (drain) {
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
    public Refused fail(IOException failure) {
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
    public Reading read(Bytes node) throws Refused, InterruptedException {
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
            if (isCurrent(port)) {
                fail(e);
            }
        } catch (InterruptedException _) {
            fail(new IOException("its thread was interrupted"));
        }
    }

    /** @return false once the port has ended */
    private boolean awaitRoom(OpenSerialPort port) throws InterruptedException {
        lock.lock();
        try {
            while (ended == null && driver == port && buffer.size() >= LIMIT && port.holdsBack()) {
                changed.await();
            }
            return ended == null && driver == port;
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
    public final class Reading implements AutoCloseable {

        private final Bytes node;

        Reading(Bytes node) {
            this.node = node;
        }

        /**
         * Waits for bytes; without any after the timeout, or once the caller wants no more.
         *
         * @throws Refused if the port has ended, or has gone to another node: then nothing was taken
         */
        public Received take(int max, Duration timeout, BooleanSupplier enough) throws Refused, InterruptedException {
            long left = timeout.toNanos();
            lock.lock();
            try {
                refuseIfMoved();
                while (buffer.size() == 0 && !reopened) {
                    if (ended != null) {
                        throw ended;
                    }
                    if (enough.getAsBoolean() || left <= 0) {
                        break;
                    }
                    left = changed.awaitNanos(left);
                    refuseIfMoved();
                }
                Received data = new Received(buffer.take(max), lost, reopened);
                lost = 0;
                reopened = false;
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
        public boolean moved() {
            return !lease.node().equals(node);
        }

        /** What is told to the node that held it before. */
        public Refused gone() {
            return Refused.forbidden("%s has gone to %s by a route: it comes back when that leaves".formatted(id,
                    lease.holder()));
        }

        /** Has {@link #take} look again whether it was enough. */
        public void wake() {
            lock.lock();
            try {
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }

        /** Keeps what could not be sent for the next reader. */
        public void putBack(Received unsent) {
            lock.lock();
            try {
                buffer.putBack(unsent.data());
                lost += unsent.lost();
                reopened |= unsent.reopened();
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
