package org.myclerk.vendor.node;

import java.util.Optional;

import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Size;

/** Asks for the reasons of a decision. */
public record Why(@Size(min = 1, max = 64) @Help("a name or a node id") String peer,
        @Size(min = 1, max = 64) @Help("serial.port-open, SERIAL_PORT_OPEN or 0x0611") String operation,
        @Size(max = 128) @Help("the device's id, if the operation names one") Optional<String> device) {
}
