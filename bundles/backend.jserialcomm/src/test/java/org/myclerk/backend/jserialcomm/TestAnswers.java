package org.myclerk.backend.jserialcomm;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import org.myclerk.api.operation.Answers;

/** The caller's side of a call: takes answers as far as it gives credit. */
final class TestAnswers<A> implements Answers<A> {

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

    static <A> TestAnswers<A> single() {
        return new TestAnswers<>(false, 0);
    }

    static <A> TestAnswers<A> followed(int credit) {
        return new TestAnswers<>(true, credit);
    }

    void credit(int more) {
        lock.lock();
        try {
            credit += more;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void end() {
        List<Runnable> due;
        lock.lock();
        try {
            ended = true;
            changed.signalAll();
            due = List.copyOf(atEnd);
        } finally {
            lock.unlock();
        }
        due.forEach(Runnable::run);
    }

    A next() throws InterruptedException {
        A answer = got.poll(20, TimeUnit.SECONDS);
        if (answer == null) {
            throw new AssertionError("no answer came");
        }
        return answer;
    }

    int waiting() {
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
            atEnd.add(task);
        } finally {
            lock.unlock();
        }
    }
}
