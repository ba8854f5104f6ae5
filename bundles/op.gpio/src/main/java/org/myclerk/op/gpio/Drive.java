package org.myclerk.op.gpio;

import org.myclerk.api.payload.WireNumber;

/** How an output drives its line. */
public enum Drive implements WireNumber {

    PUSH_PULL(0), OPEN_DRAIN(1), OPEN_SOURCE(2);

    private final int number;

    Drive(int number) {
        this.number = number;
    }

    @Override
    public int number() {
        return number;
    }
}
