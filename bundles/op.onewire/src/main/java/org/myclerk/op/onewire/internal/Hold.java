package org.myclerk.op.onewire.internal;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

import org.myclerk.api.device.Lease;

/** A bus that stays with its caller from step to step, and is given back when none came for some time. */
final class Hold {

    private final Lease lease;
    private final ScheduledExecutorService timer;
    private final Duration idle;
    private ScheduledFuture<?> end;
    private boolean ended;

    Hold(Lease lease, ScheduledExecutorService timer, Duration idle) {
        this.lease = lease;
        this.timer = timer;
        this.idle = idle;
    }

    /** Its time begins anew. */
    synchronized void step() {
        if (ended) {
            return;
        }
        if (end != null) {
            end.cancel(false);
        }
        try {
            end = timer.schedule(lease::release, idle.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException _) {
            // The handler stops, and gives the bus back itself.
        }
    }

    synchronized void ended() {
        ended = true;
        if (end != null) {
            end.cancel(false);
        }
    }
}
