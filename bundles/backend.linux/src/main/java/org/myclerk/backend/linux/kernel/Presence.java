package org.myclerk.backend.linux.kernel;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import org.myclerk.api.device.Device;
import org.myclerk.api.device.DeviceInfo;
import org.myclerk.api.device.DeviceSink;
import org.myclerk.api.device.DeviceSource;

/** Tells the registry what comes and goes on one bus: it looks every two seconds. */
public abstract class Presence implements DeviceSource {

    /**
     * A device that is there.
     *
     * @param key changes when another device has taken the place of that id
     * @param driver makes the driver object when the device is new
     */
    public record Found(DeviceInfo info, String key, Supplier<Object> driver) {
    }

    private static final System.Logger LOG = System.getLogger("org.myclerk.backend.linux");
    private static final Duration INTERVAL = Duration.ofSeconds(2);

    private final String bus;
    private final Map<String, Found> present = new HashMap<>();
    private ScheduledThreadPoolExecutor timer;

    /** @param bus for the name of the thread */
    protected Presence(String bus) {
        this.bus = bus;
    }

    /** What is there now; ids are unique. Called by one thread at a time. */
    protected abstract List<Found> scan();

    /** Looks once before it returns, and then on a thread of its own. */
    @Override
    public final synchronized void start(DeviceSink sink) {
        ScheduledThreadPoolExecutor started = new ScheduledThreadPoolExecutor(1,
                Thread.ofPlatform().name("myclerk-%s-scan".formatted(bus)).daemon().factory());
        timer = started;
        look(sink);
        started.scheduleWithFixedDelay(() -> look(sink), INTERVAL.toMillis(), INTERVAL.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    @Override
    public final synchronized void stop() {
        timer.shutdownNow();
        present.clear();
    }

    private synchronized void look(DeviceSink sink) {
        if (timer.isShutdown()) {
            return;
        }
        try {
            Map<String, Found> now = new HashMap<>();
            scan().forEach(found -> now.put(found.info().id(), found));
            for (Found before : List.copyOf(present.values())) {
                Found after = now.get(before.info().id());
                if (after == null || !after.key().equals(before.key())) {
                    present.remove(before.info().id());
                    sink.vanished(before.info().id());
                }
            }
            now.forEach((id, found) -> {
                if (present.putIfAbsent(id, found) == null) {
                    sink.appeared(new Device(found.info(), found.driver().get()));
                }
            });
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "looking for devices on " + bus + " failed", e);
        }
    }
}
