package org.myclerk.device.onewire;

import org.myclerk.api.payload.Bytes;

/** The CRC-8 of 1-Wire, x^8 + x^5 + x^4 + 1, least significant bit first (Maxim application note 27). */
public final class Crc8 {

    private static final int POLYNOMIAL = 0x8C;

    private Crc8() {
    }

    /** The CRC of these bytes, 0..255; 0 if they end with their own right CRC. */
    public static int of(Bytes bytes) {
        int crc = 0;
        for (int i = 0; i < bytes.length(); i++) {
            crc ^= bytes.at(i) & 0xFF;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) == 0 ? crc >> 1 : crc >> 1 ^ POLYNOMIAL;
            }
        }
        return crc;
    }
}
