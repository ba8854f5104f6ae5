package org.myclerk.op.serial;

import java.util.Optional;

/** How a port runs. */
public record PortSettings(int baud, int dataBits, StopBits stopBits, Parity parity, FlowControl flowControl,
        Optional<Rs485> rs485) {
}
