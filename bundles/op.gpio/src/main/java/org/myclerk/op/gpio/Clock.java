package org.myclerk.op.gpio;

import org.myclerk.api.payload.WireNumber;

/** What timestamps count from: the start of the node, or 1970. */
public enum Clock implements WireNumber {

    MONOTONIC(0), REALTIME(1);

    private final int number;

    Clock(int number) {
        this.number = number;
    }

    @Override
    public int number() {
        return number;
    }
}
