package org.myclerk.op.spi;

/** How a device runs. */
public record DeviceSettings(int mode, long speedHz, int bitsPerWord, boolean lsbFirst, boolean csHigh,
        boolean noCs, boolean threeWire, boolean loop) {
}
