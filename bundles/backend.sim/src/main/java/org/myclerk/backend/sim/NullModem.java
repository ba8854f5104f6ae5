package org.myclerk.backend.sim;

import java.io.IOException;

import org.myclerk.api.payload.Bytes;
import org.myclerk.device.serial.SerialLines;

/**
 * One end of a null-modem cable: RTS is wired to the other end's CTS, DTR to its DSR and DCD. What is sent
 * while the other end is closed is gone.
 */
final class NullModem implements SimSerialPort.FarEnd {

    private NullModem other;
    private volatile SimSerialPort.Opened here;

    private NullModem() {
    }

    /** The two ends of a cable. */
    static NullModem[] cable() {
        NullModem a = new NullModem();
        NullModem b = new NullModem();
        a.other = b;
        b.other = a;
        return new NullModem[] {a, b};
    }

    @Override
    public void opened(SimSerialPort.Opened port) {
        here = port;
    }

    @Override
    public void closed(SimSerialPort.Opened port) {
        here = null;
    }

    @Override
    public void received(SimSerialPort.Opened port, Bytes data) throws IOException, InterruptedException {
        SimSerialPort.Opened there = other.here;
        if (there == null) {
            return;
        }
        try {
            there.incoming().put(data);
        } catch (IOException gone) {
            if (other.here == there) {
                throw gone;
            }
        }
    }

    @Override
    public SerialLines lines(boolean dtr, boolean rts) {
        SimSerialPort.Opened there = other.here;
        boolean theirDtr = there != null && there.dtr();
        boolean theirRts = there != null && there.rts();
        return new SerialLines(dtr, rts, theirRts, theirDtr, theirDtr, false);
    }

    @Override
    public boolean holdsBack() {
        return true;
    }
}
