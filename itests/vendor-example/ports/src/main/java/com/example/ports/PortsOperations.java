package com.example.ports;

import static org.myclerk.api.operation.Operation.call;

import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.OperationTable;
import org.myclerk.api.payload.None;

/** Ports of callers, 0xF210-0xF21F. */
public final class PortsOperations {

    public static final Operation<None, PortNames> PORTS_OF_CALLER =
            call(0xF210, "PORTS_OF_CALLER", "List the serial ports of whoever asks", None.class,
            PortNames.class);

    public static final OperationTable TABLE = OperationTable.of("ports", 0xF210, 0xF21F, PORTS_OF_CALLER);

    private PortsOperations() {
    }
}
