package org.myclerk.op.can;

import org.myclerk.api.payload.WireNumber;

/** Where a controller stands between taking part and being off (ISO 11898-1 fault confinement). */
public enum BusState implements WireNumber {

    ERROR_ACTIVE(0),
    /** A counter reached 96. */
    ERROR_WARNING(1),
    /** A counter reached 128. */
    ERROR_PASSIVE(2),
    /** The transmit counter passed 255: it takes no part until it is restarted. */
    BUS_OFF(3),
    STOPPED(4),
    SLEEPING(5);

    private final int number;

    BusState(int number) {
        this.number = number;
    }

    @Override
    public int number() {
        return number;
    }
}
