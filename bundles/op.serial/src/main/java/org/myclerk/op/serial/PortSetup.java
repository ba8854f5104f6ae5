package org.myclerk.op.serial;

import java.util.Optional;

import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/** How a port is to run. */
public record PortSetup(@Device @Size(min = 1, max = 128) @Help("id of the port, as listed") String port,
        @Range(min = 1, max = 50_000_000) @Help("bits per second") Optional<Integer> baud,
        @Range(min = 5, max = 8) @Help("bits in a character") Optional<Integer> dataBits,
        @Help("stop bits") Optional<StopBits> stopBits, @Help("parity") Optional<Parity> parity,
        @Help("who holds back the sender") Optional<FlowControl> flowControl,
        @Help("direction control of an RS-485 transceiver") Optional<Rs485> rs485) {
}
