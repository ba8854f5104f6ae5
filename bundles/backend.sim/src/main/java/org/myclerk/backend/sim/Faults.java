package org.myclerk.backend.sim;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What goes wrong with the simulated devices, so that programs can be tried against it. Thread-safe; changes take
 * effect at once.
 */
public final class Faults {

    private volatile Duration latency = Duration.ZERO;
    private volatile int failEvery;
    private final AtomicLong writes = new AtomicLong();

    /** How long written bytes are on their way. */
    public void latency(Duration latency) {
        this.latency = latency;
    }

    /** Every n-th write fails with an input/output error; 0 for none. */
    public void failEvery(int n) {
        failEvery = n;
    }

    Duration latency() {
        return latency;
    }

    void write() throws IOException {
        int every = failEvery;
        if (every > 0 && writes.incrementAndGet() % every == 0) {
            throw new IOException("Input/output error (simulated)");
        }
    }
}
