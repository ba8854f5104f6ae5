package org.myclerk.op.gpio;

import org.myclerk.api.payload.WireNumber;

/** The resistor of a line. */
public enum Bias implements WireNumber {

    AS_IS(0), DISABLED(1), PULL_UP(2), PULL_DOWN(3);

    private final int number;

    Bias(int number) {
        this.number = number;
    }

    @Override
    public int number() {
        return number;
    }
}
