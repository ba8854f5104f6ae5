package org.myclerk.backend.sim;

import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

import org.myclerk.api.device.Device;
import org.myclerk.api.device.DeviceInfo;
import org.myclerk.api.device.DeviceSink;
import org.myclerk.api.device.DeviceSource;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** The simulated devices: believable, without hardware, and always marked as simulated. Thread-safe. */
@Component(configurationPid = "org.myclerk.backend.sim")
@Designate(ocd = SimulatedZoo.Config.class)
public final class SimulatedZoo implements DeviceSource {

    /** Configuration of the zoo. */
    @ObjectClassDefinition(name = "Simulated devices")
    public @interface Config {

        /** How long written bytes are on their way, in milliseconds. */
        @AttributeDefinition(min = "0", max = "60000",
                description = "How long written bytes are on their way, in milliseconds")
        int latencyMillis() default 0;

        /** Every n-th write fails with an input/output error; 0 for none. */
        @AttributeDefinition(min = "0", description = "Every n-th write fails; 0 for none")
        int failEvery() default 0;
    }

    /** Messages of the engine in the time between two of the GPS receiver. */
    private static final int ENGINE_TICKS = 50;

    private record Kept(DeviceInfo info, SimDevice device) {
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
     * @param interval how often it does; the engine sends 50 times as often
     */
    public SimulatedZoo(InstantSource clock, Duration interval) {
        NullModem[] cable = NullModem.cable();
        keep("sim-echo", "Loopback plug", new EchoPlug());
        keep("sim-gps", "GPS receiver (NMEA 0183)", new GpsReceiver(clock, interval));
        keep("sim-null-a", "Null-modem cable, end A", cable[0]);
        keep("sim-null-b", "Null-modem cable, end B", cable[1]);
        keep("sim-gpio", "gpio", "GPIO chip with a button and an LED",
                new SimGpioChip("sim-gpio", clock, interval, faults));
        keep("sim-pwm", "pwm", "PWM chip with a dimmer and a servo", new SimPwmChip("sim-pwm"));
        keep("sim-i2c", "i2c", "I2C bus with a thermometer and an EEPROM", new SimI2cBus("sim-i2c",
                Map.of(0x48, new Lm75(clock), 0x50, new Eeprom()), faults));
        keep("sim-spi-0", "spi", "SPI loopback", new SimSpiDevice("sim-spi-0", 0, new SpiLoopback(), faults));
        keep("sim-spi-1", "spi", "SPI flash", new SimSpiDevice("sim-spi-1", 1, new SpiFlash(), faults));
        keep("sim-can", "can", "CAN bus with an engine", new SimCanInterface("sim-can",
                new Engine(interval.dividedBy(ENGINE_TICKS)), faults, clock));
        keep("sim-onewire", "onewire", "1-Wire bus with thermometers",
                new SimOneWireBus("sim-onewire", List.of(
                new Ds18b20("28-00000a1b2c01", 21.5, 1.2, clock),
                new Ds18b20("28-00000a1b2c02", -4, 3, clock),
                new Ds18b20("28-00000a1b2c03", 48, 6, clock)), faults));
    }

    private void keep(String id, String name, SimSerialPort.FarEnd farEnd) {
        keep(id, "serial", name, new SimSerialPort(farEnd, faults));
    }

    private void keep(String id, String kind, String name, SimDevice device) {
        kept.put(id, new Kept(new DeviceInfo(id, kind, name, "simulated", device.properties(), true),
                device));
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

    /** What is open works on until it is closed, as it does with real hardware. */
    @Override
    public void stop() {
        lock.lock();
        try {
            sink = null;
        } finally {
            lock.unlock();
        }
    }

    /** Plugs a device in; nothing happens if it is. */
    public void plug(String id) {
        Kept it = kept.get(id);
        it.device.plug();
        DeviceSink to = sink();
        if (to != null) {
            to.appeared(new Device(it.info, it.device));
        }
    }

    /** Pulls a device out, in use or not. */
    public void unplug(String id) {
        DeviceSink to = sink();
        if (to != null) {
            to.vanished(id);
        }
        kept.get(id).device.unplug();
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
