package org.myclerk.devices;

import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** When and where the registry runs what it does not run on its callers' threads. */
interface Schedule {

    /**
     * Runs a task that may block, later.
     *
     * @return calls it off, if it has not begun
     */
    Runnable after(Duration delay, Runnable task);

    /** Runs a task that may block, beside the caller. */
    void aside(Runnable task);

    /** Runs a task that does not block, after those given before. */
    void inOrder(Runnable task);

    /** Tasks that have not begun never do. */
    void stop();

    /** One timer thread; what may block runs on virtual threads. */
    final class Threads implements Schedule {

        private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1,
                Thread.ofPlatform().name("myclerk-devices").daemon().factory());

        Threads() {
            timer.setRemoveOnCancelPolicy(true);
            timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
            timer.setRejectedExecutionHandler((_, _) -> { });
        }

        @Override
        public Runnable after(Duration delay, Runnable task) {
            ScheduledFuture<?> later = timer.schedule(() -> aside(task), delay.toMillis(),
                    TimeUnit.MILLISECONDS);
            return () -> later.cancel(false);
        }

        @Override
        public void aside(Runnable task) {
            Thread.ofVirtual().name("myclerk-devices-end").start(task);
        }

        @Override
        public void inOrder(Runnable task) {
            timer.execute(task);
        }

        @Override
        public void stop() {
            timer.shutdown();
        }
    }
}
