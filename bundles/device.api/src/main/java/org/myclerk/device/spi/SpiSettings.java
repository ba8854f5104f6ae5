package org.myclerk.device.spi;

import java.util.List;

/**
 * How an SPI device runs (linux/spi/spi.h, SPI_MODE_*).
 *
 * @param mode 0..3: clock polarity is bit 1, clock phase bit 0
 * @param speedHz the highest clock
 * @param bitsPerWord 1..32
 * @param chipSelectHigh whether chip select is active at the high level
 * @param noChipSelect whether nobody drives chip select
 * @param threeWire whether one wire carries both directions
 * @param loop whether the controller feeds back what it sends
 */
public record SpiSettings(int mode, long speedHz, int bitsPerWord, boolean leastSignificantBitFirst,
        boolean chipSelectHigh, boolean noChipSelect, boolean threeWire, boolean loop) {

    public SpiSettings {
        if (mode < 0 || mode > 3) {
            throw new IllegalArgumentException("an SPI mode is 0..3, got " + mode);
        }
        if (speedHz < 1 || speedHz > 0xFFFF_FFFFL) {
            throw new IllegalArgumentException("an SPI clock has 1 Hz or more, got " + speedHz);
        }
        if (bitsPerWord < 1 || bitsPerWord > 32) {
            throw new IllegalArgumentException("an SPI word has 1..32 bits, got " + bitsPerWord);
        }
    }

    /** The same in types of the JDK. */
    List<Object> toList() {
        return List.of(mode, speedHz, bitsPerWord, leastSignificantBitFirst, chipSelectHigh, noChipSelect,
                threeWire, loop);
    }

    /** What {@link #toList} gave; throws whatever if it is something else. */
    static SpiSettings of(List<?> list) {
        return new SpiSettings((Integer) list.get(0), (Long) list.get(1), (Integer) list.get(2),
                (Boolean) list.get(3), (Boolean) list.get(4), (Boolean) list.get(5), (Boolean) list.get(6),
                (Boolean) list.get(7));
    }
}
