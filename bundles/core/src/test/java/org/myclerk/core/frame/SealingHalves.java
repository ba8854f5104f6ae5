package org.myclerk.core.frame;

import org.myclerk.core.crypto.CryptoProvider;
import org.myclerk.core.crypto.TrafficKeys;

/** Sending sides that have sealed much already. */
public final class SealingHalves {

    private SealingHalves() {
    }

    /** @param counter of the next frame */
    public static SealingHalf at(CryptoProvider crypto, TrafficKeys keys, long generation, long counter) {
        return new SealingHalf(crypto, keys, generation, counter);
    }
}
