package org.myclerk.device.can;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

import org.myclerk.api.device.Device;
import org.myclerk.api.device.Lease;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.device.DeviceException;
import org.myclerk.device.can.OpenCan.Received;

/**
 * A CAN interface that a node has open, kept with its lease: it stays open, and no frame is lost, while
 * the handler that opened it is replaced. A platform thread of its own takes what comes, up to {@value
 * #LIMIT} frames ahead of who reads; beyond that they wait in the driver, which counts what it has to
 * drop.
 */
public final class UsedChannel implements Lease.Use {

    private static final int LIMIT = 4096;
    private static final int BATCH = 256;
    private static final Duration SOON = Duration.ofMillis(100);
    private static final Duration WAIT_AT_MOST = Duration.ofMinutes(1);

    private final String id;
    private final Lease lease;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<CanFrame> buffer = new ArrayDeque<>();
    private final boolean ownFrames;
    private OpenCan driver;
    private boolean suspended;
    private volatile List<CanFilter> filters = List.of();
    private volatile boolean all;
    private long lost;
    private boolean reading;
    private Refused ended;

    /** @param ownFrames whether it receives what it sends */
    public UsedChannel(String id, Lease lease, boolean ownFrames) {
        this.id = id;
        this.lease = lease;
        this.ownFrames = ownFrames;
    }

    public Lease lease() {
        return lease;
    }

    public boolean ended() {
        lock.lock();
        try {
            return ended != null;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Opens the interface and begins to receive.
     *
     * @throws Refused if the lease has ended meanwhile, or the driver does not open it; then the lease goes back
     */
    public void start(CanInterface can) throws Refused {
        OpenCan opened;
        try {
            opened = can.open(ownFrames);
            if (!filters.isEmpty()) {
                opened.filter(filters, all);
            }
        } catch (DeviceException e) {
            Refused why = e.refused();
            fail(why);
            throw why;
        }
        Refused over;
        lock.lock();
        try {
            over = ended;
            driver = over == null ? opened : null;
            suspended = false;
        } finally {
            lock.unlock();
        }
        if (over != null) {
            opened.close();
            throw over;
        }
        Thread.ofPlatform().name("can " + id).daemon().start(() -> pump(opened));
    }

    /** @throws Refused if it has ended, or is not there yet */
    public OpenCan driver() throws Refused {
        lock.lock();
        try {
            if (ended != null) {
                throw ended;
            }
            if (driver == null) {
                throw Refused.notNow(SOON, (suspended ? "the driver of %s is being replaced: ask again"
                        : "%s is being opened: ask again").formatted(id));
            }
            return driver;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void suspend() {
        OpenCan closing;
        lock.lock();
        try {
            closing = driver;
            driver = null;
            suspended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (closing != null) {
            closing.close();
        }
    }

    @Override
    public boolean resume(Device device) {
        if (!(device.driver() instanceof CanInterface can)) {
            return false;
        }
        try {
            start(can);
        } catch (Refused over) {
            // Whoever uses it next is told.
        }
        return true;
    }

    @Override
    public void end(Lease.End why) {
        end(switch (why) {
            case RELEASED -> Refused.unavailable("%s was closed: open it again".formatted(id));
            case EXPIRED -> Refused.unavailable("%s was closed, the session had ended: open it again".formatted(id));
            case REVOKED -> Refused.forbidden("%s was taken back by an administrator: ask for it".formatted(id));
            case VANISHED -> Refused.notFound("%s is gone: open it again when it is back".formatted(id));
            case STOPPED -> Refused.unavailable("%s was closed, the node stops: open it again later".formatted(id));
        });
    }

    /** Ends readers with that refusal and closes the driver's part; of several reasons the first counts. */
    private void end(Refused why) {
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
            while (awaitRoom(can)) {
                append(can.receive(BATCH, WAIT_AT_MOST));
            }
        } catch (DeviceException e) {
            if (isCurrent(can)) {
                fail(e.refused());
            }
        } catch (InterruptedException _) {
            fail(Refused.unavailable("%s: its thread was interrupted".formatted(id)));
        }
    }

    private boolean isCurrent(OpenCan can) {
        lock.lock();
        try {
            return driver == can;
        } finally {
            lock.unlock();
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

    /** @return false once it has ended, or another one is in its place */
    private boolean awaitRoom(OpenCan can) throws InterruptedException {
        lock.lock();
        try {
            while (ended == null && driver == can && buffer.size() >= LIMIT) {
                changed.await();
            }
            return ended == null && driver == can;
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
    public Reading read() throws Refused {
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
    public void filter(List<CanFilter> wanted, boolean allOfThem) throws Refused, DeviceException {
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
    public record Taken(List<CanFrame> frames, long lost) {
    }

    /** The one reader. */
    public final class Reading implements AutoCloseable {

        /** Waits for frames; without any after the timeout, or once the caller wants no more. */
        public Taken take(int max, Duration timeout, BooleanSupplier enough) throws Refused, InterruptedException {
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
        public void wake() {
            lock.lock();
            try {
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }

        /** Keeps what could not be sent for the next reader. */
        public void putBack(Taken unsent) {
            lock.lock();
            try {
                unsent.frames().reversed().forEach(buffer::addFirst);
                lost += unsent.lost();
                changed.signalAll();
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
