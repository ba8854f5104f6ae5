package org.myclerk.core.frame;

/** CRC-16/MODBUS: polynomial 0x8005 reflected, initial value 0xFFFF, no final xor (profile §4). */
public final class Crc16 {

    private static final int[] TABLE = new int[256];

    static {
        for (int i = 0; i < 256; i++) {
            int crc = i;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) != 0 ? crc >>> 1 ^ 0xA001 : crc >>> 1;
            }
            TABLE[i] = crc;
        }
    }

    private Crc16() {
    }

    /** 0..0xFFFF. */
    public static int of(byte[] array, int offset, int length) {
        int crc = 0xFFFF;
        for (int i = offset; i < offset + length; i++) {
            crc = crc >>> 8 ^ TABLE[(crc ^ array[i]) & 0xFF];
        }
        return crc;
    }
}
