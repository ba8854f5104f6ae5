package org.myclerk.op.serial;

import org.myclerk.api.payload.WireNumber;

/** Stop bits after a character. */
public enum StopBits implements WireNumber {

    ONE(1), TWO(2), ONE_AND_A_HALF(3);

    private final int number;

    StopBits(int number) {
        this.number = number;
    }

    @Override
    public int number() {
        return number;
    }
}
