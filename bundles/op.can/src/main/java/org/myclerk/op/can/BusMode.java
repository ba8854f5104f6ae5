package org.myclerk.op.can;

import org.myclerk.api.payload.WireNumber;

/** What a controller can be set to (linux/can/netlink.h, CAN_CTRLMODE_*). */
public enum BusMode implements WireNumber {

    LOOPBACK(0),
    /** Takes no part in acknowledging. */
    LISTEN_ONLY(1),
    TRIPLE_SAMPLING(2),
    /** A frame that failed is not sent again. */
    ONE_SHOT(3),
    /** Error frames for every bus error. */
    BUS_ERROR_REPORTING(4),
    FD(5),
    PRESUME_ACK(6),
    /** CAN FD as before ISO 11898-1:2015. */
    FD_NON_ISO(7),
    /** Length codes 9..15 of classic frames are kept. */
    CLASSIC_DLC(8);

    private final int number;

    BusMode(int number) {
        this.number = number;
    }

    @Override
    public int number() {
        return number;
    }
}
