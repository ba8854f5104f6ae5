package org.myclerk.op.serial;

import org.myclerk.api.payload.WireNumber;

/** The parity bit of a character. */
public enum Parity implements WireNumber {

    NONE(0), ODD(1), EVEN(2), MARK(3), SPACE(4);

    private final int number;

    Parity(int number) {
        this.number = number;
    }

    @Override
    public int number() {
        return number;
    }
}
