package org.myclerk.backend.jserialcomm;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import org.myclerk.api.device.Device;
import org.myclerk.api.device.DeviceInfo;
import org.myclerk.api.device.DeviceSink;
import org.myclerk.api.device.DeviceSource;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** The serial ports of this machine. It looks for what came and went every two seconds. */
@Component(configurationPid = "org.myclerk.backend.jserialcomm")
@Designate(ocd = SerialPorts.Config.class)
public final class SerialPorts implements DeviceSource {

    private static final System.Logger LOG = System.getLogger("org.myclerk.backend.jserialcomm");

    /** Configuration of the driver. */
    @ObjectClassDefinition(name = "Serial ports of this machine")
    public @interface Config {

        /**
         * Device files to offer beside those the kernel lists: pseudo-terminals, odd names. The path is the
         * id.
         */
        @AttributeDefinition(description = "Device files to offer beside those the kernel lists")
        String[] ports() default {};
    }

    private final PortScan scan;
    private final Duration interval;
    private final Map<String, PortScan.Found> present = new HashMap<>();
    private ScheduledThreadPoolExecutor timer;

    @Activate
    public SerialPorts(Config config) {
        this(List.of(config.ports()));
    }

    /** @param ports device files to offer beside those the kernel lists */
    public SerialPorts(List<String> ports) {
        this(new PortScan(Path.of("/dev"), Path.of("/sys"), ports), Duration.ofSeconds(2));
    }

    SerialPorts(PortScan scan, Duration interval) {
        this.scan = scan;
        this.interval = interval;
    }

    @Override
    public synchronized void start(DeviceSink sink) {
        ScheduledThreadPoolExecutor started = new ScheduledThreadPoolExecutor(1,
                Thread.ofPlatform().name("myclerk-serial-scan").daemon().factory());
        timer = started;
        look(sink);
        started.scheduleWithFixedDelay(() -> look(sink), interval.toMillis(), interval.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    @Override
    public synchronized void stop() {
        timer.shutdownNow();
        present.clear();
    }

    /** Looks once, and tells what changed. */
    private synchronized void look(DeviceSink sink) {
        if (timer.isShutdown()) {
            return;
        }
        try {
            Map<String, PortScan.Found> now = scan.scan();
            for (PortScan.Found before : List.copyOf(present.values())) {
                PortScan.Found after = now.get(before.id());
                if (after == null || !after.path().equals(before.path())
                        || !after.key().equals(before.key())) {
                    present.remove(before.id());
                    sink.vanished(before.id());
                }
            }
            now.forEach((id, found) -> {
                if (present.putIfAbsent(id, found) == null) {
                    sink.appeared(device(found));
                }
            });
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "looking for serial ports failed", e);
        }
    }

    private static Device device(PortScan.Found found) {
        JSerialCommPort port = new JSerialCommPort(found);
        return new Device(new DeviceInfo(found.id(), "serial", found.name(), found.place(), port.properties(),
                false),
                port);
    }
}
