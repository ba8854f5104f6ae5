package org.myclerk.device;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import org.myclerk.api.device.Device;
import org.myclerk.api.device.Devices;
import org.myclerk.api.device.Lease;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.ProtocolException.Refused;

/**
 * What a node has open of a device, kept with its lease: it stays open while the handler that opened it is
 * replaced, is opened again when its driver was, and ends with the lease. Thread-safe.
 *
 * @param <D> the driver object of the device
 * @param <O> what that opens
 */
public abstract class UsedDevice<D, O> implements Lease.Use {

    private static final Duration SOON = Duration.ofMillis(100);

    /** Guards what a kind of device adds; never held while the driver is called. */
    protected final ReentrantLock lock = new ReentrantLock();
    /** Whether the device is open, and whatever a kind of device adds. */
    protected final Condition changed = lock.newCondition();
    private final Class<D> type;
    private final Lease lease;
    private final String id;
    private O driver;
    private boolean suspended;
    private Refused ended;

    protected UsedDevice(Class<D> type, Lease lease) {
        this.type = type;
        this.lease = lease;
        this.id = lease.device().id();
    }

    /** Opens the device as it is to be; called again for each driver. */
    protected abstract O open(D device) throws DeviceException;

    /**
     * It is open: begins what works on it for as long as it is {@link #isCurrent current}.
     *
     * @param again whether it was open before, with another driver
     */
    protected void opened(O opened, boolean again) {
    }

    /** @param sound whether what was given to it before can still leave */
    protected abstract void close(O opened, boolean sound);

    public final String id() {
        return id;
    }

    public final Lease lease() {
        return lease;
    }

    public final boolean ended() {
        lock.lock();
        try {
            return ended != null;
        } finally {
            lock.unlock();
        }
    }

    /**
     * What the caller's node has open of a device.
     *
     * @throws Refused as {@link Devices#get}; BAD_REQUEST if nothing is open
     */
    public static <D, U extends UsedDevice<D, ?>> U of(Devices devices, Caller caller, String id,
            Class<D> driver, Class<U> type) throws Refused {
        Optional<U> open = devices.leaseOf(caller, id).flatMap(lease -> lease.use(type));
        if (open.isEmpty()) {
            devices.get(caller, id, driver);
        }
        return open.orElseThrow(() -> Refused.badRequest("%s is not open: open it first".formatted(id)));
    }

    /**
     * Opens the device for the first time.
     *
     * @throws Refused if the driver does not open it: then the lease goes back; or if that has ended
     */
    public final void start(D device) throws Refused {
        start(device, false);
    }

    private void start(D device, boolean again) throws Refused {
        O opened;
        try {
            opened = open(device);
        } catch (DeviceException e) {
            if (isSuspended()) {
                return;
            }
            throw fail(e.refused());
        }
        boolean current;
        lock.lock();
        try {
            current = ended == null && !suspended;
            driver = current ? opened : driver;
        } finally {
            lock.unlock();
        }
        if (current) {
            opened(opened, again);
        } else {
            close(opened, true);
            refuseIfEnded();
        }
    }

    private boolean isSuspended() {
        lock.lock();
        try {
            return suspended;
        } finally {
            lock.unlock();
        }
    }

    /** @throws Refused if it has ended, or is not there yet */
    public final O driver() throws Refused {
        lock.lock();
        try {
            refuseIfEnded();
            if (driver == null) {
                throw Refused.notNow(SOON, (suspended ? "the driver of %s is being replaced: ask again"
                        : "%s is being opened: ask again").formatted(id));
            }
            return driver;
        } finally {
            lock.unlock();
        }
    }

    /** @throws Refused if it has ended */
    protected final void refuseIfEnded() throws Refused {
        lock.lock();
        try {
            if (ended != null) {
                throw ended;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether it is open with this driver's part. */
    protected final boolean isCurrent(O opened) {
        lock.lock();
        try {
            return ended == null && driver == opened;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public final void suspend() {
        O closing;
        lock.lock();
        try {
            if (ended != null) {
                return;
            }
            closing = driver;
            driver = null;
            suspended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (closing != null) {
            close(closing, true);
        }
    }

    @Override
    public final boolean resume(Device device) {
        if (!type.isInstance(device.driver())) {
            return false;
        }
        lock.lock();
        try {
            if (!suspended) {
                return true;
            }
            suspended = false;
        } finally {
            lock.unlock();
        }
        try {
            start(type.cast(device.driver()), true);
        } catch (Refused over) {
            // Whoever uses it next is told.
        }
        return true;
    }

    @Override
    public final void end(Lease.End why) {
        Refused told = switch (why) {
            case RELEASED -> Refused.unavailable(id + " was closed: open it again");
            case EXPIRED -> Refused.unavailable(id + " was closed, the session had ended: open it again");
            case REVOKED -> Refused.forbidden(id + " was taken back by an administrator: ask for it");
            case VANISHED -> Refused.notFound(id + " was unplugged: open it again when it is back");
            case STOPPED -> Refused.unavailable(id + " was closed, the node stops: open it again later");
        };
        boolean first;
        O closing;
        lock.lock();
        try {
            first = endFor(told);
            closing = driver;
        } finally {
            lock.unlock();
        }
        if (closing != null) {
            close(closing, first && why != Lease.End.VANISHED);
        }
    }

    /**
     * Ends it because the driver failed; the lease goes back.
     *
     * @return why it has ended, which may be something before
     */
    protected final Refused fail(Refused why) {
        lock.lock();
        try {
            if (!endFor(why)) {
                return ended;
            }
        } finally {
            lock.unlock();
        }
        lease.release();
        return why;
    }

    /** Of several reasons the first counts. Under the lock. */
    private boolean endFor(Refused why) {
        if (ended != null) {
            return false;
        }
        ended = why;
        changed.signalAll();
        return true;
    }
}
