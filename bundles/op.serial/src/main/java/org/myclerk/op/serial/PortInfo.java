package org.myclerk.op.serial;

import java.util.Optional;

import org.myclerk.api.payload.Size;

/**
 * A serial port.
 *
 * @param port its id, which survives re-plugging
 * @param place where it sits, for people
 * @param controlLines whether it has DTR, RTS, CTS, DSR, DCD and RI
 * @param breaks whether it can send a break
 * @param rs485 whether the kernel can switch the direction of an RS-485 transceiver
 * @param simulated whether no hardware stands behind it
 * @param holder who has it open
 */
public record PortInfo(@Size(min = 1, max = 128) String port, @Size(max = 128) String name,
        @Size(max = 256) String place, boolean controlLines, boolean breaks, boolean rs485, boolean simulated,
        Optional<String> holder) {
}
