package org.myclerk.op.can;

import org.myclerk.api.payload.WireNumber;

/** Where a received frame comes from. */
public enum FrameOrigin implements WireNumber {

    /** From another node of the bus. */
    BUS(0),
    /** From another program of the machine that lends the interface. */
    MACHINE(1),
    /** Sent by the one who receives it. */
    OWN(2);

    private final int number;

    FrameOrigin(int number) {
        this.number = number;
    }

    @Override
    public int number() {
        return number;
    }
}
