package org.myclerk.op.gpio;

import org.myclerk.api.payload.WireNumber;

/** Changes of a line: rising is from inactive to active. */
public enum Edge implements WireNumber {

    NONE(0), RISING(1), FALLING(2), BOTH(3);

    private final int number;

    Edge(int number) {
        this.number = number;
    }

    @Override
    public int number() {
        return number;
    }
}
