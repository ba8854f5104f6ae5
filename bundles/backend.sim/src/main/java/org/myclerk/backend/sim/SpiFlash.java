package org.myclerk.backend.sim;

/**
 * A NOR flash of the 25 series: read JEDEC id (0x9F: Winbond, 32 Mbit) and read data (0x03) of a 4 KiB
 * pattern.
 */
final class SpiFlash implements SimSpiDevice.Chip {

    private static final int READ_ID = 0x9F;
    private static final int READ_DATA = 0x03;
    private static final int[] JEDEC_ID = {0xEF, 0x40, 0x16};

    private int clocked;
    private int instruction;
    private int address;

    @Override
    public void select() {
        clocked = 0;
        address = 0;
    }

    @Override
    public byte exchange(byte out) {
        int at = clocked++;
        if (at == 0) {
            instruction = out & 0xFF;
            return (byte) 0xFF;
        }
        if (instruction == READ_ID) {
            return (byte) (at <= JEDEC_ID.length ? JEDEC_ID[at - 1] : 0);
        }
        if (instruction == READ_DATA && at <= 3) {
            address = address << 8 | out & 0xFF;
            return (byte) 0xFF;
        }
        if (instruction == READ_DATA) {
            int cell = address++ & 0xFFF;
            return (byte) (cell ^ cell >> 8);
        }
        return (byte) 0xFF;
    }
}
