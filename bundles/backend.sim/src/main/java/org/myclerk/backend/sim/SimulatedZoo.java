package org.myclerk.backend.sim;

import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

import org.myclerk.api.device.Device;
import org.myclerk.api.device.DeviceInfo;
import org.myclerk.api.device.DeviceSink;
import org.myclerk.api.device.DeviceSource;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** The simulated devices: believable, without hardware, and always marked as simulated. Thread-safe. */
@Component(configurationPid = "org.myclerk.backend.sim")
public final class SimulatedZoo implements DeviceSource {

    /** Configuration of the zoo. */
    public @interface Config {

        /** How long written bytes are on their way, in milliseconds. */
        int latencyMillis() default 0;

        /** Every n-th write fails with an input/output error; 0 for none. */
        int failEvery() default 0;
    }

    private record Kept(DeviceInfo info, SimSerialPort port) {
    }

    private final Faults faults = new Faults();
    private final Map<String, Kept> kept = new LinkedHashMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    private DeviceSink sink;

    @Activate
    public SimulatedZoo(Config config) {
        this(InstantSource.system(), Duration.ofSeconds(1));
        faults.latency(Duration.ofMillis(Math.max(0, config.latencyMillis())));
        faults.failEvery(config.failEvery());
    }

    /**
     * @param clock what the GPS receiver tells
     * @param interval how often it does
     */
    public SimulatedZoo(InstantSource clock, Duration interval) {
        NullModem[] cable = NullModem.cable();
        keep("sim-echo", "Loopback plug", new EchoPlug());
        keep("sim-gps", "GPS receiver (NMEA 0183)", new GpsReceiver(clock, interval));
        keep("sim-null-a", "Null-modem cable, end A", cable[0]);
        keep("sim-null-b", "Null-modem cable, end B", cable[1]);
    }

    private void keep(String id, String name, SimSerialPort.FarEnd farEnd) {
        SimSerialPort port = new SimSerialPort(farEnd, faults);
        kept.put(id, new Kept(new DeviceInfo(id, "serial", name, "simulated", port.properties(), true), port));
    }

    /** What goes wrong in this zoo. */
    public Faults faults() {
        return faults;
    }

    @Override
    public void start(DeviceSink to) {
        lock.lock();
        try {
            sink = to;
        } finally {
            lock.unlock();
        }
        kept.keySet().forEach(this::plug);
    }

    @Override
    public void stop() {
        kept.keySet().forEach(this::unplug);
        lock.lock();
        try {
            sink = null;
        } finally {
            lock.unlock();
        }
    }

    /** Plugs a device in; nothing happens if it is. */
    public void plug(String id) {
        Kept device = kept.get(id);
        device.port.plug();
        DeviceSink to = sink();
        if (to != null) {
            to.appeared(new Device(device.info, device.port));
        }
    }

    /** Pulls a device out, in use or not. */
    public void unplug(String id) {
        Kept device = kept.get(id);
        DeviceSink to = sink();
        if (to != null) {
            to.vanished(id);
        }
        device.port.unplug();
    }

    private DeviceSink sink() {
        lock.lock();
        try {
            return sink;
        } finally {
            lock.unlock();
        }
    }
}
