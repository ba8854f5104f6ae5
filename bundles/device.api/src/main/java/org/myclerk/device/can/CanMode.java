package org.myclerk.device.can;

/** What a controller can be set to (linux/can/netlink.h, CAN_CTRLMODE_*). */
public enum CanMode {
    LOOPBACK,
    /** Takes no part in acknowledging. */
    LISTEN_ONLY,
    TRIPLE_SAMPLING,
    /** A frame that failed is not sent again. */
    ONE_SHOT,
    /** Error frames for every bus error. */
    BUS_ERROR_REPORTING,
    FD,
    PRESUME_ACK,
    /** CAN FD as before ISO 11898-1:2015. */
    FD_NON_ISO,
    /** Length codes 9..15 of classic frames are kept. */
    CLASSIC_DLC
}
