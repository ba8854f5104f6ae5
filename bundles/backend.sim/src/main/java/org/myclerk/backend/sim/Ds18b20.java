package org.myclerk.backend.sim;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

import org.myclerk.api.payload.Bytes;
import org.myclerk.device.onewire.Crc8;
import org.myclerk.device.onewire.RomCode;

/**
 * A thermometer whose temperature drifts around a mean (DS18B20 data sheet): 85 degrees until it has measured
 * once.
 */
final class Ds18b20 implements SimOneWireBus.Slave {

    private static final Duration CONVERSION = Duration.ofMillis(750);
    private static final int READ_ROM = 0x33;
    private static final int MATCH_ROM = 0x55;
    private static final int SKIP_ROM = 0xCC;
    private static final int CONVERT = 0x44;
    private static final int READ_SCRATCHPAD = 0xBE;
    private static final int WRITE_SCRATCHPAD = 0x4E;

    /** What the next byte is to it. */
    private enum State { ROM_COMMAND, MATCHING, FUNCTION, SAYS_ROM, SAYS_SCRATCHPAD, TAKES_SCRATCHPAD,
            CONVERTING, OFF }

    private final RomCode rom;
    private final double mean;
    private final double drift;
    private final InstantSource clock;
    /** Temperature (2), alarm high and low, configuration, reserved (3): 85 degrees, 12 bits. */
    private final byte[] scratchpad = {0x50, 0x05, 0x4B, 0x46, 0x7F, (byte) 0xFF, 0x0C, 0x10};
    private State state = State.OFF;
    private int position;
    private Instant measured;
    private int measurement;

    /**
     * @param mean degrees Celsius
     * @param drift how far it goes up and down
     */
    Ds18b20(String rom, double mean, double drift, InstantSource clock) {
        this.rom = RomCode.parse(rom);
        this.mean = mean;
        this.drift = drift;
        this.clock = clock;
    }

    @Override
    public RomCode rom() {
        return rom;
    }

    @Override
    public boolean alarmed() {
        int whole = (short) (scratchpad[1] << 8 | scratchpad[0] & 0xFF) >> 4;
        return whole >= scratchpad[2] || whole <= scratchpad[3];
    }

    @Override
    public void reset() {
        state = State.ROM_COMMAND;
        position = 0;
    }

    @Override
    public void hear(int octet) {
        switch (state) {
            case ROM_COMMAND -> state = switch (octet) {
                case READ_ROM -> State.SAYS_ROM;
                case MATCH_ROM -> State.MATCHING;
                case SKIP_ROM -> State.FUNCTION;
                default -> State.OFF;
            };
            case MATCHING -> {
                if ((rom.bytes().at(position++) & 0xFF) != octet) {
                    state = State.OFF;
                } else if (position == RomCode.LENGTH) {
                    state = State.FUNCTION;
                    position = 0;
                }
            }
            case FUNCTION -> state = switch (octet) {
                case CONVERT -> convert();
                case READ_SCRATCHPAD -> State.SAYS_SCRATCHPAD;
                case WRITE_SCRATCHPAD -> State.TAKES_SCRATCHPAD;
                default -> State.OFF;
            };
            case TAKES_SCRATCHPAD -> {
                if (position < 3) {
                    scratchpad[2 + position++] = (byte) octet;
                }
            }
            case SAYS_ROM, SAYS_SCRATCHPAD, CONVERTING, OFF -> { }
        }
    }

    private State convert() {
        double hours = clock.instant().getEpochSecond() / 3600.0;
        double degrees = mean + drift * Math.sin(hours * 7 + mean) + drift / 5 * Math.sin(hours * 61);
        measurement = (int) Math.round(degrees * 16);
        measured = clock.instant();
        return State.CONVERTING;
    }

    @Override
    public int say() {
        boolean done = measured == null || !clock.instant().isBefore(measured.plus(CONVERSION));
        if (measured != null && done) {
            scratchpad[0] = (byte) measurement;
            scratchpad[1] = (byte) (measurement >> 8);
            measured = null;
        }
        return switch (state) {
            case SAYS_ROM -> position < RomCode.LENGTH ? rom.bytes().at(position++) & 0xFF : 0xFF;
            case SAYS_SCRATCHPAD -> position < 8 ? scratchpad[position++] & 0xFF
                    : position++ == 8 ? Crc8.of(Bytes.wrap(scratchpad)) : 0xFF;
            case CONVERTING -> done ? 0xFF : 0x00;
            case ROM_COMMAND, MATCHING, FUNCTION, TAKES_SCRATCHPAD, OFF -> 0xFF;
        };
    }
}
