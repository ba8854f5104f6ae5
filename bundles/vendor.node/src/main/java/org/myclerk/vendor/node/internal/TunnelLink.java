package org.myclerk.vendor.node.internal;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.transport.Endpoint;
import org.myclerk.api.transport.Link;
import org.myclerk.api.transport.LinkAcceptor;
import org.myclerk.api.transport.LinkHandler;

/**
 * A link whose frames operations carry. Its loop is one virtual thread for the link's whole life. Whoever
 * carries the frames takes those that leave with {@link #next} and hands in those that arrive with
 * {@link #receive}; both wait, so that a slow reader at either end slows the sender at the other.
 */
final class TunnelLink implements Link {

    /**
     * The largest frame that is sent by who knows that it sends through a tunnel: it fits the operation
     * around it.
     */
    static final int LARGEST_FRAME = 32768;

    private static final Logger LOG = System.getLogger("org.myclerk.vendor.node");
    /** The largest frame the operations have room for. */
    private static final int LARGEST_CARRIED = 65535;
    private static final int CONGESTED = 1 << 16;
    /** Far above what a sender that heeds {@link #congested} can reach. */
    private static final int MOST_QUEUED = 1 << 24;
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private enum State {
        OPEN,
        /** Closed by its handler; what is queued is still being carried. */
        CLOSING,
        /** The handler is told next, or was. */
        ENDED
    }

    /** A frame that arrived. */
    private static final class Arrival {

        final Bytes frame;
        boolean taken;

        Arrival(Bytes frame) {
            this.frame = frame;
        }
    }

    private final Endpoint remote;
    private final ScheduledExecutorService timers;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private final ArrayDeque<Arrival> arrived = new ArrayDeque<>();
    private final ArrayDeque<Bytes> leaving = new ArrayDeque<>();
    private final Set<Future<?>> scheduled = new HashSet<>();
    private State state = State.OPEN;
    private IOException cause;
    private int queued;
    private int onItsWay;
    private boolean reading = true;
    private boolean writableDue;

    // On the loop only.
    private final List<Bytes> gathered = new ArrayList<>();
    private LinkHandler handler;
    private int receiveLimit = Integer.MAX_VALUE;

    TunnelLink(Endpoint remote, ScheduledExecutorService timers) {
        this.remote = remote;
        this.timers = timers;
    }

    /** What links need for their timers: a thread that goes when it is not needed. */
    static ScheduledThreadPoolExecutor newTimers(String name) {
        ScheduledThreadPoolExecutor timers =
                new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon(true).name(name).factory());
        timers.setRemoveOnCancelPolicy(true);
        timers.setKeepAliveTime(5, TimeUnit.SECONDS);
        timers.allowCoreThreadTimeOut(true);
        return timers;
    }

    // For whoever carries the frames; any thread.

    /** Starts the loop, whose first act is to ask the acceptor. Once. */
    Thread start(LinkAcceptor acceptor) {
        return Thread.ofVirtual().name("tunnel " + remote.host()).start(() -> run(acceptor));
    }

    /**
     * Hands in a frame and waits until the handler has had it.
     *
     * @return false if the link has ended first
     */
    boolean receive(Bytes frame) throws InterruptedException {
        Arrival arrival = new Arrival(frame);
        lock.lockInterruptibly();
        try {
            if (state != State.OPEN) {
                return false;
            }
            arrived.add(arrival);
            changed.signalAll();
            while (!arrival.taken && state == State.OPEN) {
                changed.await();
            }
            return arrival.taken;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for the next frame to carry; asking for it says that the one before has been carried.
     *
     * @return {@code null} when the link has ended and nothing is left
     */
    Bytes next() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            queued -= onItsWay;
            onItsWay = 0;
            changed.signalAll();
            while (leaving.isEmpty() && state == State.OPEN) {
                changed.await();
            }
            if (leaving.isEmpty()) {
                finish(null);
                return null;
            }
            Bytes frame = leaving.poll();
            onItsWay = frame.length();
            return frame;
        } finally {
            lock.unlock();
        }
    }

    /** The node's end is going soon. */
    void leave() {
        execute(() -> handler.leaving());
    }

    /**
     * The other end, or the way there, is gone. What was not carried yet is dropped; ending twice is
     * harmless.
     *
     * @param why {@code null} if it was closed in order
     */
    void end(IOException why) {
        lock.lock();
        try {
            if (state != State.ENDED) {
                leaving.clear();
                finish(why);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Why the link has ended; {@code null} if in order or not yet. */
    IOException cause() {
        lock.lock();
        try {
            return cause;
        } finally {
            lock.unlock();
        }
    }

    /** With the lock held. */
    private void finish(IOException why) {
        if (state != State.ENDED) {
            state = State.ENDED;
            cause = why;
            scheduled.forEach(timer -> timer.cancel(false));
            scheduled.clear();
            tasks.clear();
            changed.signalAll();
        }
    }

    // The link; see there for threads.

    @Override
    public InetAddress address() {
        return InetAddress.getLoopbackAddress();
    }

    @Override
    public Endpoint remote() {
        return remote;
    }

    @Override
    public void receiveLimit(int bytes) {
        receiveLimit = bytes;
    }

    @Override
    public void send(byte[] frame, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, frame.length);
        if (length < 1 || length > LARGEST_CARRIED) {
            throw new IllegalArgumentException("a frame of %d bytes is not in 1..65535".formatted(length));
        }
        lock.lock();
        try {
            if (state != State.OPEN) {
                return;
            }
            if (queued > MOST_QUEUED) {
                leaving.clear();
                finish(new IOException("the peer does not read what it is sent"));
                return;
            }
            gathered.add(Bytes.copyOf(frame, offset, length));
            queued += length;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void flush() {
        if (gathered.isEmpty()) {
            return;
        }
        lock.lock();
        try {
            if (state == State.OPEN) {
                leaving.addAll(gathered);
                changed.signalAll();
            }
            gathered.clear();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean congested() {
        lock.lock();
        try {
            boolean congested = queued > CONGESTED;
            writableDue |= congested;
            return congested;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void reading(boolean on) {
        lock.lock();
        try {
            reading = on;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        flush();
        lock.lock();
        try {
            if (state != State.OPEN) {
                return;
            }
            state = State.CLOSING;
            schedule(PATIENCE, () -> end(new IOException("the peer did not take what was sent last")));
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void execute(Runnable task) {
        lock.lock();
        try {
            if (state != State.ENDED) {
                tasks.add(task);
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
        Scheduled made = new Scheduled(task);
        lock.lock();
        try {
            if (state == State.ENDED) {
                return made;
            }
            made.future = timers.schedule(made, delay.toNanos(), TimeUnit.NANOSECONDS);
            scheduled.add(made.future);
        } catch (RejectedExecutionException stopped) {
            LOG.log(Level.DEBUG, "tunnels are being stopped, a timer is dropped");
        } finally {
            lock.unlock();
        }
        return made;
    }

    /** A task that waits for its time, and then for its turn on the loop. */
    private final class Scheduled implements Timer, Runnable {

        private final Runnable task;
        private Future<?> future;
        private volatile boolean cancelled;

        Scheduled(Runnable task) {
            this.task = task;
        }

        @Override
        public void run() {
            lock.lock();
            try {
                scheduled.remove(future);
            } finally {
                lock.unlock();
            }
            execute(() -> {
                if (!cancelled) {
                    task.run();
                }
            });
        }

        @Override
        public void cancel() {
            cancelled = true;
            lock.lock();
            try {
                if (future != null) {
                    scheduled.remove(future);
                    future.cancel(false);
                }
            } finally {
                lock.unlock();
            }
        }
    }

    // The loop.

    private void run(LinkAcceptor acceptor) {
        try {
            handler = acceptor.accept(this);
            if (handler == null) {
                end(null);
                return;
            }
            handler.drained();
            while (turn()) {
                handler.drained();
            }
        } catch (RuntimeException | Error bug) {
            LOG.log(Level.WARNING, "closed the tunnel to " + remote + " after an error in its handler", bug);
            end(new IOException("closed after an error of this program", bug));
        } finally {
            gathered.clear();
            if (handler != null) {
                handler.closed(cause());
            }
        }
    }

    /** Waits for something to do and does it; {@code false} once the link has ended. */
    private boolean turn() {
        List<Runnable> due = new ArrayList<>();
        List<Arrival> frames = new ArrayList<>();
        boolean writable;
        lock.lock();
        try {
            while (!somethingDue()) {
                changed.awaitUninterruptibly();
            }
            if (state == State.ENDED) {
                return false;
            }
            writable = writableDue && queued <= CONGESTED;
            if (writable) {
                writableDue = false;
            }
            due.addAll(tasks);
            tasks.clear();
            if (reading && state == State.OPEN) {
                frames.addAll(arrived);
                arrived.clear();
            }
        } finally {
            lock.unlock();
        }
        due.forEach(Runnable::run);
        deliver(frames);
        if (writable) {
            handler.writable();
        }
        return true;
    }

    private boolean somethingDue() {
        return state == State.ENDED || !tasks.isEmpty() || writableDue && queued <= CONGESTED
                || state == State.OPEN && reading && !arrived.isEmpty();
    }

    private void deliver(List<Arrival> frames) {
        for (int i = 0; i < frames.size(); i++) {
            Arrival arrival = frames.get(i);
            if (arrival.frame.length() > receiveLimit) {
                end(new IOException("the peer sent a frame of %d bytes, allowed are 1 to %d"
                        .formatted(arrival.frame.length(), receiveLimit)));
                return;
            }
            byte[] bytes = arrival.frame.toArray();
            handler.received(bytes, 0, bytes.length);
            lock.lock();
            try {
                arrival.taken = true;
                changed.signalAll();
                if (!reading || state != State.OPEN) {
                    List<Arrival> rest = frames.subList(i + 1, frames.size());
                    rest.reversed().forEach(arrived::addFirst);
                    return;
                }
            } finally {
                lock.unlock();
            }
        }
    }
}
