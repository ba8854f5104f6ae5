package org.myclerk.bench;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * One connection of a load: what was asked and what came back, in order. Its connection's thread writes, the
 * measuring thread reads the counts; the latencies once the connection rests.
 */
final class Flow {

    private static final VarHandle DONE;
    private static final VarHandle ASKED;
    private static final int MOST_OPEN = 1 << 10;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            DONE = lookup.findVarHandle(Flow.class, "done", long.class);
            ASKED = lookup.findVarHandle(Flow.class, "asked", long.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final Gate gate;
    private final long[] asking = new long[MOST_OPEN];
    private long asked;
    private long done;
    private int every;
    final Histogram latencies = new Histogram();

    /** Whether the load goes on; the same for all connections. */
    static final class Gate {

        private volatile boolean open;

        void open() {
            open = true;
        }

        void close() {
            open = false;
        }
    }

    Flow(Gate gate) {
        this.gate = gate;
    }

    /** @param every which of so many requests is timed, a power of two */
    void reset(int every) {
        this.every = every;
        latencies.clear();
    }

    /** A request is about to leave. */
    void asks() {
        long number = asked;
        if ((number & every - 1) == 0) {
            asking[(int) number & MOST_OPEN - 1] = System.nanoTime();
        }
        ASKED.setRelease(this, number + 1);
    }

    /** An answer came. @return whether another request is to follow */
    boolean answered() {
        long number = done;
        if ((number & every - 1) == 0) {
            latencies.add(System.nanoTime() - asking[(int) number & MOST_OPEN - 1]);
        }
        DONE.setRelease(this, number + 1);
        return gate.open;
    }

    boolean goesOn() {
        return gate.open;
    }

    long done() {
        return (long) DONE.getAcquire(this);
    }

    long asked() {
        return (long) ASKED.getAcquire(this);
    }
}
