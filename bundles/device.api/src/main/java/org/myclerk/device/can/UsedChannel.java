package org.myclerk.op.can.internal;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

import org.myclerk.api.device.Lease;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.device.DeviceException;
import org.myclerk.device.can.CanFilter;
import org.myclerk.device.can.CanFrame;
import org.myclerk.device.can.OpenCan;
import org.myclerk.device.can.OpenCan.Received;
import org.myclerk.op.can.Frames;

/**
 * A CAN interface that a node has open. A platform thread of its own takes what comes, up to {@value #LIMIT} frames
 * ahead of who reads; beyond that they wait in the driver, which counts what it has to drop.
 */
final class OpenChannel {

    private static final int LIMIT = 4096;
    private static final int BATCH = 256;
    private static final Duration WAIT_AT_MOST = Duration.ofMinutes(1);

    private final String id;
    private final Lease lease;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<CanFrame> buffer = new ArrayDeque<>();
    private OpenCan driver;
    private List<CanFilter> filters = List.of();
    private boolean all;
    private long lost;
    private boolean reading;
    private Refused ended;

    OpenChannel(String id, Lease lease) {
        this.id = id;
        this.lease = lease;
    }

    Lease lease() {
        return lease;
    }

    /** Begins to receive. */
    void start(OpenCan opened) {
        lock.lock();
        try {
            driver = opened;
        } finally {
            lock.unlock();
        }
        Thread.ofPlatform().name("can " + id).daemon().start(() -> pump(opened));
    }

    /** @throws Refused if it has ended, or is not there yet */
    OpenCan driver() throws Refused {
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

    /** Ends readers with that refusal and closes the driver's part; of several reasons the first counts. */
    void end(Refused why) {
        OpenCan closing;
        lock.lock();
        try {
            ended = ended == null ? why : ended;
            closing = driver;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (closing != null) {
            closing.close();
        }
    }

    private void pump(OpenCan can) {
        try {
            while (awaitRoom()) {
                Received received = can.receive(BATCH, WAIT_AT_MOST);
                append(received);
            }
        } catch (DeviceException e) {
            fail(e.refused());
        } catch (InterruptedException _) {
            fail(Refused.unavailable("%s: its thread was interrupted".formatted(id)));
        }
    }

    /** Ends it because the driver failed; the lease goes back. */
    private void fail(Refused why) {
        lock.lock();
        try {
            if (ended != null) {
                return;
            }
            ended = why;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        lease.release();
    }

    /** @return false once it has ended */
    private boolean awaitRoom() throws InterruptedException {
        lock.lock();
        try {
            while (ended == null && buffer.size() >= LIMIT) {
                changed.await();
            }
            return ended == null;
        } finally {
            lock.unlock();
        }
    }

    private void append(Received received) {
        lock.lock();
        try {
            lost += received.lost();
            for (CanFrame frame : received.frames()) {
                if (CanFilter.pass(filters, all, frame)) {
                    buffer.add(frame);
                }
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Makes the caller the one that reads.
     *
     * @throws Refused if another call reads
     */
    Reading read() throws Refused {
        lock.lock();
        try {
            if (reading) {
                throw Refused.unavailable("another call of yours receives from %s: end that one first".formatted(id));
            }
            reading = true;
            return new Reading();
        } finally {
            lock.unlock();
        }
    }

    /** Filters in the driver, and what is on its way from there: from now on nothing else is read. */
    void filter(List<CanFilter> wanted, boolean allOfThem) throws Refused, DeviceException {
        driver().filter(wanted, allOfThem);
        lock.lock();
        try {
            filters = wanted;
            all = allOfThem;
            buffer.removeIf(frame -> !CanFilter.pass(wanted, allOfThem, frame));
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Frames, and how many are missing before them. */
    record Taken(List<CanFrame> frames, long lost) {

        Frames answer() {
            return new Frames(frames.stream().map(Translation::received).toList(),
                    lost == 0 ? Optional.empty() : Optional.of(lost));
        }
    }

    /** The one reader. */
    final class Reading implements AutoCloseable {

        /** Waits for frames; without any after the timeout, or once the caller wants no more. */
        Taken take(int max, Duration timeout, BooleanSupplier enough) throws Refused, InterruptedException {
            long left = timeout.toNanos();
            lock.lock();
            try {
                while (buffer.isEmpty()) {
                    if (ended != null) {
                        throw ended;
                    }
                    if (enough.getAsBoolean() || left <= 0) {
                        break;
                    }
                    left = changed.awaitNanos(left);
                }
                List<CanFrame> taken = new ArrayList<>(Math.min(max, buffer.size()));
                while (taken.size() < max && !buffer.isEmpty()) {
                    taken.add(buffer.poll());
                }
                Taken frames = new Taken(taken, lost);
                lost = 0;
                changed.signalAll();
                return frames;
            } finally {
                lock.unlock();
            }
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
        void putBack(Taken unsent) {
            lock.lock();
            try {
                unsent.frames().reversed().forEach(buffer::addFirst);
                lost += unsent.lost();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() {
            lock.lock();
            try {
                reading = false;
            } finally {
                lock.unlock();
            }
        }
    }
}
