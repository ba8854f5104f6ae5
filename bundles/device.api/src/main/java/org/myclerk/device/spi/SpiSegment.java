package org.myclerk.device.spi;

import org.myclerk.api.payload.Bytes;

/**
 * A part of a transfer (struct spi_ioc_transfer).
 *
 * @param send what goes out; none: zeros for {@code length} bytes
 * @param length of what goes out and comes in; 1 or more
 * @param chipSelectChange whether chip select goes inactive after this segment
 * @param delayMicros to wait after it, 0..65535
 * @param speedHz 0 for the device's
 * @param bitsPerWord 0 for the device's
 */
public record SpiSegment(Bytes send, int length, boolean chipSelectChange, int delayMicros, long speedHz,
        int bitsPerWord) {

    public SpiSegment {
        if (length < 1 || !send.isEmpty() && send.length() != length) {
            throw new IllegalArgumentException("a segment sends as many bytes as it is long, at least 1");
        }
    }

    public static SpiSegment of(Bytes send) {
        return new SpiSegment(send, send.length(), false, 0, 0, 0);
    }

    public static SpiSegment reading(int length) {
        return new SpiSegment(Bytes.EMPTY, length, false, 0, 0, 0);
    }
}
