package org.myclerk.backend.sim;

import java.util.Map;

import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.payload.Fields;
import org.myclerk.device.DeviceException;
import org.myclerk.device.gpio.PwmChannel;
import org.myclerk.device.gpio.PwmChip;

/** A PWM chip of two channels: a dimmer and a servo. */
final class SimPwmChip implements PwmChip, SimDevice {

    private static final int CHANNELS = 2;
    private static final PwmChannel.Settings OFF = new PwmChannel.Settings(1, 0, false, false);

    private final String id;
    private final PwmChannel.Settings[] applied = {OFF, OFF};
    private final boolean[] taken = new boolean[CHANNELS];
    private boolean unplugged;

    SimPwmChip(String id) {
        this.id = id;
    }

    @Override
    public Fields properties() {
        return Fields.of(Map.of("channels", CHANNELS));
    }

    @Override
    public synchronized void plug() {
        unplugged = false;
    }

    @Override
    public synchronized void unplug() {
        unplugged = true;
    }

    @Override
    public String name() {
        return id;
    }

    @Override
    public int channels() {
        return CHANNELS;
    }

    @Override
    public synchronized PwmChannel request(int channel) throws DeviceException {
        check();
        if (taken[channel]) {
            throw new DeviceException(ErrorCode.SERVICE_UNAVAILABLE,
                    "channel %d of %s is in use: Device or resource busy (simulated)".formatted(channel, id));
        }
        taken[channel] = true;
        return new Channel(channel);
    }

    private void check() throws DeviceException {
        if (unplugged) {
            throw new DeviceException(ErrorCode.NOT_FOUND, "%s: No such device (simulated)".formatted(id));
        }
    }

    /** A channel that was taken; the chip guards it. */
    private final class Channel implements PwmChannel {

        private final int number;
        private boolean closed;

        Channel(int number) {
            this.number = number;
        }

        @Override
        public Settings settings() {
            synchronized (SimPwmChip.this) {
                return applied[number];
            }
        }

        @Override
        public void configure(Settings settings) throws DeviceException {
            synchronized (SimPwmChip.this) {
                check();
                if (closed) {
                    throw new DeviceException(ErrorCode.SERVICE_UNAVAILABLE,
                            id + ": the channel was given back");
                }
                applied[number] = settings;
            }
        }

        @Override
        public void close() {
            synchronized (SimPwmChip.this) {
                if (!closed) {
                    closed = true;
                    taken[number] = false;
                    Settings last = applied[number];
                    applied[number] = new Settings(last.periodNanos(), last.dutyNanos(), last.inversed(),
                            false);
                }
            }
        }
    }
}
