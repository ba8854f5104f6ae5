package org.myclerk.op.gpio;

import org.myclerk.api.payload.WireNumber;

/** Which way a line goes. */
public enum Direction implements WireNumber {

    AS_IS(0), INPUT(1), OUTPUT(2);

    private final int number;

    Direction(int number) {
        this.number = number;
    }

    @Override
    public int number() {
        return number;
    }
}
