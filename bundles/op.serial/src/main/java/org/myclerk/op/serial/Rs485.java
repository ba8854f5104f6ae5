package org.myclerk.op.serial;

import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Range;

/** Direction control of an RS-485 transceiver by the kernel of the node (Linux struct serial_rs485). */
public record Rs485(@Help("off for a plain port") boolean enabled,
        @Help("RTS is asserted while sending") boolean rtsActiveHigh,
        @Help("the port hears what it sends") boolean receiveWhileSending,
        @Help("the bus is terminated here") boolean termination,
        @Range(max = 1_000_000) @Help("microseconds from RTS to the first bit") int delayBeforeMicros,
        @Range(max = 1_000_000) @Help("microseconds from the last bit to RTS") int delayAfterMicros) {
}
