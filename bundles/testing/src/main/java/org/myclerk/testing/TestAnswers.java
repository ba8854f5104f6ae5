package org.myclerk.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import org.myclerk.api.operation.Answers;

/** The caller's side of a call: takes answers as far as it gives credit. Thread-safe. */
public final class TestAnswers<A> implements Answers<A> {

    private final boolean followed;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final LinkedBlockingQueue<A> got = new LinkedBlockingQueue<>();
    private final List<Runnable> atEnd = new ArrayList<>();
    private int credit;
    private boolean ended;

    private TestAnswers(boolean followed, int credit) {
        this.followed = followed;
        this.credit = credit;
    }

    /** Of a call that is not followed: it has no credit, so that a handler that sends more waits. */
    public static <A> TestAnswers<A> single() {
        return new TestAnswers<>(false, 0);
    }

    /** Of a followed call. */
    public static <A> TestAnswers<A> followed(int credit) {
        return new TestAnswers<>(true, credit);
    }

    /** Takes that many answers more. */
    public void credit(int more) {
        lock.lock();
        try {
            credit += more;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Ends the call, and runs what waits for that on this thread. */
    public void end() {
        List<Runnable> due;
        lock.lock();
        try {
            ended = true;
            changed.signalAll();
            due = List.copyOf(atEnd);
            atEnd.clear();
        } finally {
            lock.unlock();
        }
        due.forEach(Runnable::run);
    }

    /** The next answer, waiting for it no longer than 20 s. */
    public A next() throws InterruptedException {
        A answer = got.poll(20, TimeUnit.SECONDS);
        if (answer == null) {
            throw new AssertionError("no answer came");
        }
        return answer;
    }

    /** How many answers were sent and not taken yet. */
    public int waiting() {
        return got.size();
    }

    @Override
    public boolean followed() {
        return followed;
    }

    @Override
    public boolean send(A answer) throws InterruptedException {
        lock.lock();
        try {
            while (credit == 0 && !ended) {
                changed.await();
            }
            if (ended) {
                return false;
            }
            credit--;
            return got.add(answer);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean offer(A answer) {
        lock.lock();
        try {
            if (credit == 0 || ended) {
                return false;
            }
            credit--;
            return got.add(answer);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean ended() {
        lock.lock();
        try {
            return ended;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void onEnd(Runnable task) {
        lock.lock();
        try {
            if (!ended) {
                atEnd.add(task);
                return;
            }
        } finally {
            lock.unlock();
        }
        task.run();
    }
}
