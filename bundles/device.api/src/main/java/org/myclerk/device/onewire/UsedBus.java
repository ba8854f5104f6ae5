package org.myclerk.device.onewire;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import org.myclerk.api.device.Device;
import org.myclerk.api.device.Lease;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.device.DeviceException;

/**
 * A 1-Wire bus that stays with its caller from step to step, and is given back when none came for some
 * time. It is kept with its lease, so that a selection outlives the handler that made it. Thread-safe.
 */
public final class UsedBus implements Lease.Use {

    private final String id;
    private final Lease lease;
    private final Duration idle;
    private OneWireBus.Quiet quiet;
    private long until;
    private boolean ended;

    /** @param idle how long it stays with a caller who does no step */
    public UsedBus(String id, Lease lease, Duration idle) {
        this.id = id;
        this.lease = lease;
        this.idle = idle;
    }

    /**
     * Takes the bus.
     *
     * @throws Refused if the driver does not give it, or the lease has ended meanwhile; then the lease goes back
     */
    public void start(OneWireBus bus) throws Refused {
        Refused why;
        synchronized (this) {
            try {
                if (!ended) {
                    quiet = bus.quiet();
                    step();
                    Thread.ofVirtual().name("onewire " + id).start(this::giveBack);
                    return;
                }
                why = Refused.unavailable("%s was given back: begin again with a reset".formatted(id));
            } catch (DeviceException e) {
                why = e.refused();
            }
        }
        lease.release();
        throw why;
    }

    /** Its time begins anew. */
    public synchronized void step() {
        until = System.nanoTime() + idle.toNanos();
    }

    private void giveBack() {
        try {
            synchronized (this) {
                for (long left = idle.toNanos(); left > 0 && !ended; left = until - System.nanoTime()) {
                    TimeUnit.NANOSECONDS.timedWait(this, left);
                }
            }
            lease.release();
        } catch (InterruptedException e) {
            // Nobody does that to this thread.
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public synchronized void suspend() {
        if (quiet != null) {
            quiet.close();
            quiet = null;
        }
    }

    @Override
    public boolean resume(Device device) {
        if (!(device.driver() instanceof OneWireBus bus)) {
            return false;
        }
        try {
            synchronized (this) {
                if (!ended) {
                    quiet = bus.quiet();
                }
            }
        } catch (DeviceException e) {
            lease.release();
        }
        return true;
    }

    @Override
    public synchronized void end(Lease.End why) {
        ended = true;
        suspend();
        notifyAll();
    }
}
