package org.myclerk.devices;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/** Time passes, and what waits runs, when the test says so. */
final class ManualSchedule implements Schedule {

    private record Timed(Duration due, Runnable task) {
    }

    private Duration now = Duration.ZERO;
    private final List<Timed> later = new ArrayList<>();
    private final Queue<Runnable> soon = new ArrayDeque<>();
    boolean stopped;

    @Override
    public Runnable after(Duration delay, Runnable task) {
        Timed timed = new Timed(now.plus(delay), task);
        later.add(timed);
        return () -> later.remove(timed);
    }

    @Override
    public void aside(Runnable task) {
        soon.add(task);
    }

    @Override
    public void inOrder(Runnable task) {
        soon.add(task);
    }

    @Override
    public void stop() {
        stopped = true;
    }

    void run() {
        for (Runnable task = soon.poll(); task != null; task = soon.poll()) {
            task.run();
        }
    }

    void pass(Duration time) {
        now = now.plus(time);
        for (Timed timed : List.copyOf(later)) {
            if (timed.due.compareTo(now) <= 0 && later.remove(timed)) {
                timed.task.run();
            }
        }
        run();
    }

    int waiting() {
        return later.size();
    }
}
