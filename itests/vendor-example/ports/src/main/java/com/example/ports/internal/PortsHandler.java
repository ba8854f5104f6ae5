package com.example.ports.internal;

import java.io.IOException;

import com.example.ports.PortNames;
import com.example.ports.PortsOperations;
import org.myclerk.api.operation.Bindings;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.OperationHandler;
import org.myclerk.api.operation.OperationRange;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.None;
import org.myclerk.op.serial.PortInfo;
import org.myclerk.op.serial.SerialOperations;
import org.osgi.service.component.annotations.Component;

/** Calls back to whoever asks, with the vocabulary of the serial ports. */
@Component
@OperationRange(name = "ports", first = 0xF210, last = 0xF21F)
public final class PortsHandler implements OperationHandler {

    @Override
    public Bindings bindings() {
        return PortsOperations.TABLE.bind()
                .to(PortsOperations.PORTS_OF_CALLER, (caller, _) -> ports(caller))
                .done();
    }

    private static PortNames ports(Caller caller) throws Refused, InterruptedException {
        try {
            return new PortNames(caller.peer().call(SerialOperations.SERIAL_PORT_LIST, None.NONE).ports()
                    .stream()
                    .map(PortInfo::port).toList());
        } catch (IOException gone) {
            throw Refused.unavailable(caller.name() + " is gone");
        }
    }
}
