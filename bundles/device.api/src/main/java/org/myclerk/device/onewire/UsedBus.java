package org.myclerk.device.onewire;

import java.time.Duration;

import org.myclerk.api.device.Lease;
import org.myclerk.device.DeviceException;
import org.myclerk.device.UsedDevice;

/**
 * A 1-Wire bus that stays with its caller from step to step, so that a selection outlives the handler that
 * made it, and is given back when no step came for some time.
 */
public final class UsedBus extends UsedDevice<OneWireBus, OneWireBus.Quiet> {

    private final Duration idle;
    private long until;

    /** @param idle how long it stays with a caller who does no step */
    public UsedBus(Lease lease, Duration idle) {
        super(OneWireBus.class, lease);
        this.idle = idle;
    }

    @Override
    protected OneWireBus.Quiet open(OneWireBus bus) throws DeviceException {
        return bus.quiet();
    }

    @Override
    protected void opened(OneWireBus.Quiet quiet, boolean again) {
        step();
        Thread.ofVirtual().name("onewire " + id()).start(() -> giveBack(quiet));
    }

    @Override
    protected void close(OneWireBus.Quiet quiet, boolean sound) {
        quiet.close();
    }

    /** Its time begins anew. */
    public void step() {
        lock.lock();
        try {
            until = System.nanoTime() + idle.toNanos();
        } finally {
            lock.unlock();
        }
    }

    private void giveBack(OneWireBus.Quiet quiet) {
        lock.lock();
        try {
            for (long left = idle.toNanos(); left > 0 && isCurrent(quiet); left = until - System.nanoTime()) {
                changed.awaitNanos(left);
            }
            if (!isCurrent(quiet)) {
                return;
            }
        } catch (InterruptedException e) {
            // Nobody does that to this thread.
            Thread.currentThread().interrupt();
            return;
        } finally {
            lock.unlock();
        }
        lease().release();
    }
}
