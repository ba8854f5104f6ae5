package org.myclerk.device.spi;

import java.time.Duration;

import org.myclerk.api.device.Device;
import org.myclerk.api.device.Lease;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.device.DeviceException;

/**
 * An SPI device that a node has open, kept with its lease: it stays open, with its settings, while the
 * handler that opened it is replaced. Thread-safe.
 */
public final class UsedSpiDevice implements Lease.Use {

    private static final Duration SOON = Duration.ofMillis(100);

    private final String id;
    private final Lease lease;
    private OpenSpiDevice driver;
    private SpiSettings suspendedAt;
    private boolean ended;

    public UsedSpiDevice(String id, Lease lease) {
        this.id = id;
        this.lease = lease;
    }

    public Lease lease() {
        return lease;
    }

    /**
     * Opens the device.
     *
     * @throws Refused if the driver does not, or the lease has ended meanwhile; then the lease goes back
     */
    public void start(SpiDevice device, SpiSettings settings) throws Refused {
        Refused why;
        synchronized (this) {
            try {
                if (!ended) {
                    driver = device.open(settings);
                    suspendedAt = null;
                    return;
                }
                why = Refused.unavailable("%s was closed: open it again".formatted(id));
            } catch (DeviceException e) {
                ended = true;
                why = e.refused();
            }
        }
        lease.release();
        throw why;
    }

    /** @throws Refused if it has ended, or is not there yet */
    public synchronized OpenSpiDevice driver() throws Refused {
        if (ended) {
            throw Refused.unavailable("%s was closed: open it again".formatted(id));
        }
        if (driver == null) {
            throw Refused.notNow(SOON, (suspendedAt != null ? "the driver of %s is being replaced: ask again"
                    : "%s is being opened: ask again").formatted(id));
        }
        return driver;
    }

    @Override
    public synchronized void suspend() {
        if (driver != null) {
            suspendedAt = driver.settings();
            driver.close();
            driver = null;
        }
    }

    @Override
    public boolean resume(Device device) {
        if (!(device.driver() instanceof SpiDevice spi)) {
            return false;
        }
        SpiSettings settings;
        synchronized (this) {
            settings = suspendedAt;
        }
        if (settings != null) {
            try {
                start(spi, settings);
            } catch (Refused over) {
                // Whoever uses it next is told.
            }
        }
        return true;
    }

    @Override
    public synchronized void end(Lease.End why) {
        ended = true;
        if (driver != null) {
            driver.close();
        }
    }
}
