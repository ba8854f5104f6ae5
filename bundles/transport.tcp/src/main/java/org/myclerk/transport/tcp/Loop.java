package org.myclerk.transport.tcp;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * One thread and one selector with the links that are confined to it. A turn waits for the selector, hands
 * over what was read, runs the tasks that other threads left and the timers that are due, and settles the
 * links these touched. It looks at the clock once, so that a timer may be late by the length of a turn, never
 * early.
 */
final class Loop implements Runnable {

    private static final Logger LOG = System.getLogger("org.myclerk.transport.tcp");

    private static final int READ = 1 << 16;
    private static final int SMALLEST_SPARE = 1 << 14;
    private static final int LARGEST_SPARE = 1 << 18;
    private static final int SPARES = 16;
    private static final Duration STOP = Duration.ofSeconds(1);
    private static final Task ENDED = new Task(null, () -> { });

    /** What the last read brought; valid until the next. */
    final byte[] in = new byte[READ];

    /** Outside the heap, as what a channel reads into or writes from without a copy of its own. */
    private final ByteBuffer inBuffer = ByteBuffer.allocateDirect(READ);
    private final Selector selector;
    private final Thread thread;
    private final Consumer<SelectionKey> dispatch = this::dispatch;
    private final AtomicReference<Task> inbox = new AtomicReference<>();
    private final AtomicBoolean awake = new AtomicBoolean(true);
    private final AtomicInteger load = new AtomicInteger();
    private final Timers timers = new Timers();
    private final ArrayDeque<ByteBuffer> spares = new ArrayDeque<>();
    private final List<Ready> pending = new ArrayList<>();
    private List<TcpLink> touched = new ArrayList<>();
    private List<TcpLink> settling = new ArrayList<>();
    private long now;
    private boolean nowKnown;
    private boolean stopping;
    /** How many spares outside the heap there are, in use or not; few, because that memory is little. */
    private int directSpares;
    private boolean expired;

    /**
     * What another thread wants done; {@code link} is {@code null} for the transport's own, which always run.
     */
    private static final class Task {

        final TcpLink link;
        final Runnable run;
        Task next;

        Task(TcpLink link, Runnable run) {
            this.link = link;
            this.run = run;
        }
    }

    Loop(String name) throws IOException {
        selector = Selector.open();
        thread = Thread.ofPlatform().daemon(true).name(name).unstarted(this);
    }

    void start() {
        thread.start();
    }

    boolean here() {
        return Thread.currentThread() == thread;
    }

    /** How many links, listeners and attempts it carries or was promised. Any thread. */
    int load() {
        return load.get();
    }

    /** Promises one more. Any thread. */
    void join() {
        load.incrementAndGet();
    }

    /** One less. */
    void leave() {
        load.decrementAndGet();
    }

    /**
     * Leaves a task. Any thread; tasks run in the order they were left.
     *
     * @return whether it will run; {@code false} once the loop has ended
     */
    boolean submit(TcpLink link, Runnable run) {
        Task task = new Task(link, run);
        Task head;
        do {
            head = inbox.get();
            if (head == ENDED) {
                return false;
            }
            task.next = head;
        } while (!inbox.compareAndSet(head, task));
        if (!awake.get() && awake.compareAndSet(false, true)) {
            selector.wakeup();
        }
        return true;
    }

    /** Starts a timer. Any thread. */
    Timers.Entry after(Duration delay, TcpLink link, Runnable task) {
        Timers.Entry entry = new Timers.Entry(this, link, System.nanoTime() + delay.toNanos(), task);
        if (here()) {
            arm(entry);
        } else {
            submit(null, () -> arm(entry));
        }
        return entry;
    }

    private void arm(Timers.Entry entry) {
        if (!entry.cancelled() && (entry.link == null || entry.link.own(entry))) {
            timers.add(entry);
        }
    }

    /** Any thread. */
    void disarm(Timers.Entry entry) {
        if (here()) {
            timers.remove(entry);
            if (entry.link != null) {
                entry.link.disown(entry);
            }
        } else {
            submit(null, () -> disarm(entry));
        }
    }

    /** Closes all, after writing what is queued for up to a second, and ends the thread. Any thread. */
    void stop() {
        submit(null, () -> {
            stopping = true;
            after(STOP, null, () -> expired = true);
            List.copyOf(pending).forEach(Ready::stop);
            for (SelectionKey key : selector.keys()) {
                if (key.isValid()) {
                    ((Ready) key.attachment()).stop();
                }
            }
        });
    }

    /** Waits until the thread has ended; not for itself. */
    void await(Duration limit) throws InterruptedException {
        if (!here()) {
            thread.join(limit);
        }
    }

    /** Logs and goes on: a process without file descriptors cannot always load what the logger needs. */
    static void log(Level level, String message, Throwable cause) {
        try {
            LOG.log(level, message, cause);
        } catch (Throwable _) {
            return;
        }
    }

    // From here on: on the loop only.

    boolean stopping() {
        return stopping;
    }

    /** The time of this turn, as {@link System#nanoTime} counts. */
    long now() {
        if (!nowKnown) {
            now = System.nanoTime();
            nowKnown = true;
        }
        return now;
    }

    SelectionKey register(SelectableChannel channel, int operations, Ready ready) throws IOException {
        return channel.register(selector, operations, ready);
    }

    /** Remembers what must hear of a stop before it has a key. */
    void pend(Ready ready) {
        pending.add(ready);
    }

    void unpend(Ready ready) {
        pending.remove(ready);
    }

    /** Releases the descriptors of channels that were closed. Not within a handler. */
    void release() throws IOException {
        selector.selectNow(dispatch);
    }

    /** Reads once into {@link #in}. */
    int read(SocketChannel channel) throws IOException {
        inBuffer.clear();
        int count = channel.read(inBuffer);
        if (count > 0) {
            inBuffer.get(0, in, 0, count);
        }
        return count;
    }

    /** An empty buffer to send from. */
    ByteBuffer spare() {
        ByteBuffer spare = spares.pollLast();
        if (spare != null) {
            return spare;
        }
        if (directSpares < SPARES) {
            directSpares++;
            return ByteBuffer.allocateDirect(SMALLEST_SPARE);
        }
        return ByteBuffer.allocate(SMALLEST_SPARE);
    }

    void giveBack(ByteBuffer spare) {
        if (spare.capacity() > LARGEST_SPARE) {
            return;
        }
        spares.addLast(spare);
        if (spares.size() > SPARES && spares.pollFirst().isDirect()) {
            directSpares--;
        }
    }

    /** Has the link settled at the end of this turn, or of the next if this one is at that already. */
    void touch(TcpLink link) {
        touched.add(link);
    }

    @Override
    public void run() {
        try {
            while (!stopping || !expired && load.get() > 0) {
                turn();
            }
        } catch (IOException | RuntimeException failed) {
            log(Level.ERROR, "network loop " + thread.getName() + " has failed; restart the node", failed);
        } finally {
            end();
        }
    }

    private void turn() throws IOException {
        Thread.interrupted(); // a handler's interrupt would close channels and make the selector spin
        if (touched.isEmpty()) {
            waitForWork();
        } else {
            nowKnown = false;
            selector.selectNow(dispatch);
        }
        runTasks(inbox.getAndSet(null));
        runTimers();
        settle();
    }

    private void waitForWork() throws IOException {
        long wait = timers.isEmpty() ? Long.MAX_VALUE : timers.untilDue(now());
        nowKnown = false;
        awake.set(false);
        if (wait <= 0 || inbox.get() != null) {
            awake.set(true);
            selector.selectNow(dispatch);
        } else {
            // Rounded up, so that the last fraction of a millisecond is slept through too; 0 means for ever.
            selector.select(dispatch, wait == Long.MAX_VALUE ? 0 : (wait + 999_999) / 1_000_000);
            awake.set(true);
        }
    }

    private void dispatch(SelectionKey key) {
        awake.setRelease(true); // what other threads leave from now on is found after the last key
        if (!key.isValid()) {
            return;
        }
        try {
            ((Ready) key.attachment()).ready();
        } catch (Throwable bug) {
            log(Level.WARNING, "the network loop goes on after an error", bug);
        }
    }

    private void runTasks(Task newestFirst) {
        Task task = null;
        for (Task from = newestFirst; from != null;) {
            Task next = from.next;
            from.next = task;
            task = from;
            from = next;
        }
        for (; task != null; task = task.next) {
            run(task.link, task.run);
        }
    }

    private void runTimers() {
        if (timers.isEmpty()) {
            return;
        }
        for (Timers.Entry entry = timers.due(now()); entry != null; entry = timers.due(now())) {
            if (entry.link != null) {
                entry.link.disown(entry);
            }
            if (!entry.cancelled()) {
                run(entry.link, entry.task);
            }
        }
    }

    private static void run(TcpLink link, Runnable task) {
        if (link != null) {
            link.run(task);
            return;
        }
        try {
            task.run();
        } catch (Throwable bug) {
            log(Level.WARNING, "a task of the network loop failed", bug);
        }
    }

    private void settle() {
        List<TcpLink> now = touched;
        touched = settling;
        settling = now;
        for (int i = 0; i < now.size(); i++) {
            now.get(i).settle();
        }
        now.clear();
    }

    private void end() {
        stopping = true;
        for (SelectionKey key : selector.keys()) {
            if (key.isValid() && key.attachment() instanceof TcpLink link) {
                link.abandon();
            } else if (key.isValid()) {
                ((Ready) key.attachment()).stop();
            }
        }
        List.copyOf(pending).forEach(Ready::stop);
        runTasks(inbox.getAndSet(ENDED));
        try {
            selector.close();
        } catch (IOException failed) {
            log(Level.WARNING, "a selector could not be closed", failed);
        }
    }
}
