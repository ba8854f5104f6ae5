package org.myclerk.backend.sim;

import java.io.IOException;

import org.myclerk.api.payload.Bytes;
import org.myclerk.device.serial.SerialLines;

/** A loopback plug: what is sent comes back, RTS is wired to CTS, DTR to DSR and DCD. */
final class EchoPlug implements SimSerialPort.FarEnd {

    @Override
    public void opened(SimSerialPort.Opened port) {
        // Nothing comes before something was sent.
    }

    @Override
    public void closed(SimSerialPort.Opened port) {
        // Nothing to stop.
    }

    @Override
    public void received(SimSerialPort.Opened port, Bytes data) throws IOException, InterruptedException {
        port.incoming().put(data);
    }

    @Override
    public SerialLines lines(boolean dtr, boolean rts) {
        return new SerialLines(dtr, rts, rts, dtr, dtr, false);
    }

    @Override
    public boolean holdsBack() {
        return true;
    }
}
