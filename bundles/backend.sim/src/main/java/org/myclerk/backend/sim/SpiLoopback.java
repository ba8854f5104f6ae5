package org.myclerk.backend.sim;

/** A wire from MOSI to MISO. */
final class SpiLoopback implements SimSpiDevice.Chip {

    @Override
    public void select() {
        // A wire does not care.
    }

    @Override
    public byte exchange(byte out) {
        return out;
    }
}
