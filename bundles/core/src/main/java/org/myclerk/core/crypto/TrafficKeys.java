package org.myclerk.core.crypto;

import java.util.Arrays;

/**
 * The keys of one direction and generation (profile §5).
 *
 * @param aead 32 bytes
 * @param mac 32 bytes
 * @param random 4 bytes, the "Random" of §4
 */
public record TrafficKeys(Secret aead, Secret mac, Secret random) {

    /** Bytes derived for one direction. */
    static final int LENGTH = 68;

    /** Splits 68 derived bytes and overwrites them. */
    static TrafficKeys split(byte[] derived) {
        TrafficKeys keys = new TrafficKeys(Secret.wrap(Arrays.copyOf(derived, 32)),
                Secret.wrap(Arrays.copyOfRange(derived, 32, 64)),
                Secret.wrap(Arrays.copyOfRange(derived, 64, 68)));
        Arrays.fill(derived, (byte) 0);
        return keys;
    }
}
