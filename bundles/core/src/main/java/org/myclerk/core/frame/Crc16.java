package org.myclerk.core.frame;

/** CRC-16/MODBUS: polynomial 0x8005 reflected, start 0xFFFF (profile §4). Finds errors, stops nobody. */
public final class Crc16 {

    private static final char[] TABLE = table();

    private Crc16() {
    }

    /** The checksum of a range, 0..0xFFFF; on the wire it is big-endian. */
    public static int of(byte[] array, int offset, int length) {
        int crc = 0xFFFF;
        for (int i = offset; i < offset + length; i++) {
            crc = crc >>> 8 ^ TABLE[(crc ^ array[i]) & 0xFF];
        }
        return crc;
    }

    private static char[] table() {
        char[] table = new char[256];
        for (int i = 0; i < table.length; i++) {
            int crc = i;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) == 0 ? crc >>> 1 : crc >>> 1 ^ 0xA001;
            }
            table[i] = (char) crc;
        }
        return table;
    }
}
