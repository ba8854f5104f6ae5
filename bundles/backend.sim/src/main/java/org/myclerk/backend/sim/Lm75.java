package org.myclerk.backend.sim;

import java.time.InstantSource;

import org.myclerk.api.payload.Bytes;

/**
 * A thermometer (LM75 data sheet) whose temperature goes up and down by two degrees around 22, in ten
 * minutes.
 */
final class Lm75 implements SimI2cBus.Target {

    private static final double MEAN = 22;
    private static final double SWING = 2;
    private static final double PERIOD_MILLIS = 600_000;

    private final InstantSource clock;
    /** Configuration, hysteresis and limit; the temperature is made when it is read. */
    private final byte[][] registers = {{0, 0}, {0, 0}, {0x4B, 0}, {0x50, 0}};
    private int pointer;

    Lm75(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public void write(Bytes message) {
        if (message.isEmpty()) {
            return;
        }
        pointer = message.at(0) & 3;
        for (int i = 1; i < Math.min(3, message.length()) && pointer > 0; i++) {
            registers[pointer][i - 1] = message.at(i);
        }
    }

    @Override
    public Bytes read(int length) {
        if (pointer == 0) {
            double degrees = MEAN + SWING * Math.sin(2 * Math.PI * clock.millis() / PERIOD_MILLIS);
            // Half degrees in the upper nine bits of sixteen.
            int raw = (int) Math.round(degrees * 2) << 7;
            registers[0][0] = (byte) (raw >> 8);
            registers[0][1] = (byte) raw;
        }
        byte[] read = new byte[length];
        for (int i = 0; i < length; i++) {
            read[i] = registers[pointer][i & 1];
        }
        return Bytes.wrap(read);
    }
}
