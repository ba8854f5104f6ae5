package org.myclerk.device.can;

/**
 * When bits are sampled.
 *
 * @param bitrate bits per second, 0 if not set
 * @param samplePoint thousandths of a bit, 0 if not set
 */
public record CanTiming(int bitrate, int samplePoint) {

    public static final CanTiming NONE = new CanTiming(0, 0);
}
