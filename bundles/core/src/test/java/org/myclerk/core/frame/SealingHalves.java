package org.myclerk.core.frame;

import org.myclerk.core.crypto.TrafficKeys;

/** Sending sides that have sealed much already. */
public final class SealingHalves {

    private SealingHalves() {
    }

    /** @param counter of the next frame */
    public static SealingHalf at(TrafficKeys keys, long generation, long counter) {
        return new SealingHalf(keys, generation, counter);
    }
}
