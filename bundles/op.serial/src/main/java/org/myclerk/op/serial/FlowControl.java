package org.myclerk.op.serial;

import org.myclerk.api.payload.WireNumber;

/** How a receiver holds back a sender. */
public enum FlowControl implements WireNumber {

    NONE(0), RTS_CTS(1), XON_XOFF(2);

    private final int number;

    FlowControl(int number) {
        this.number = number;
    }

    @Override
    public int number() {
        return number;
    }
}
