package org.myclerk.backend.sim;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

import org.myclerk.api.operation.ErrorCode;
import org.myclerk.device.DeviceException;

/**
 * What goes wrong with the simulated devices, so that programs can be tried against it. Thread-safe; changes
 * take effect at once.
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

    void write() throws DeviceException {
        int every = failEvery;
        if (every > 0 && writes.incrementAndGet() % every == 0) {
            throw new DeviceException(ErrorCode.SERVICE_UNAVAILABLE, "Input/output error (simulated)");
        }
    }
}
