package org.myclerk.device.can;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

import org.myclerk.api.device.Lease;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.device.DeviceException;
import org.myclerk.device.UsedDevice;
import org.myclerk.device.can.OpenCan.Received;

/**
 * A CAN interface that a node has open; no frame is lost while its handler is replaced. A platform thread of
 * its own takes what comes, up to {@value #LIMIT} frames ahead of who reads; beyond that they wait in the
 * driver, which counts what it has to drop.
 */
public final class UsedChannel extends UsedDevice<CanInterface, OpenCan> {

    private static final int LIMIT = 4096;
    private static final int BATCH = 256;
    private static final Duration WAIT_AT_MOST = Duration.ofMinutes(1);

    private final ArrayDeque<CanFrame> buffer = new ArrayDeque<>();
    private final boolean ownFrames;
    private volatile List<CanFilter> filters = List.of();
    private volatile boolean all;
    private long lost;
    private boolean reading;

    /** @param ownFrames whether it receives what it sends */
    public UsedChannel(Lease lease, boolean ownFrames) {
        super(CanInterface.class, lease);
        this.ownFrames = ownFrames;
    }

    /** The interface as it was open before this class was replaced: {@code state} is what that said. */
    public static UsedChannel of(Lease lease, Map<String, Object> state) {
        UsedChannel channel = new UsedChannel(lease, (Boolean) state.get("own-frames"));
        channel.filters = ((List<?>) state.get("filters")).stream()
                .map(filter -> CanFilter.of((List<?>) filter)).toList();
        channel.all = (Boolean) state.get("all");
        return channel;
    }

    @Override
    public Map<String, Object> state() {
        return Map.of("own-frames", ownFrames, "filters", filters.stream().map(CanFilter::toList).toList(),
                "all", all);
    }

    @Override
    protected OpenCan open(CanInterface can) throws DeviceException {
        OpenCan opened = can.open(ownFrames);
        if (!filters.isEmpty()) {
            opened.filter(filters, all);
        }
        return opened;
    }

    @Override
    protected void opened(OpenCan can, boolean again) {
        Thread.ofPlatform().name("can " + id()).daemon().start(() -> pump(can));
    }

    @Override
    protected void close(OpenCan can, boolean sound) {
        can.close();
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
            fail(Refused.unavailable("%s: its thread was interrupted".formatted(id())));
        }
    }

    /** @return false once it has ended, or another one is in its place */
    private boolean awaitRoom(OpenCan can) throws InterruptedException {
        lock.lock();
        try {
            while (isCurrent(can) && buffer.size() >= LIMIT) {
                changed.await();
            }
            return isCurrent(can);
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
                throw Refused.unavailable("another call of yours receives from %s: end that one first"
                        .formatted(id()));
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
        public Taken take(int max, Duration timeout, BooleanSupplier enough)
                throws Refused, InterruptedException {
            long left = timeout.toNanos();
            lock.lock();
            try {
                while (buffer.isEmpty()) {
                    refuseIfEnded();
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
