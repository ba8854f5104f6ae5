package org.myclerk.op.serial;

import static org.myclerk.api.operation.Operation.call;

import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.OperationTable;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Done;
import org.myclerk.api.payload.None;

/** Table 11, Serial Operations (§6.3.2). */
public final class SerialOperations {

    public static final Operation<None, PortList> SERIAL_PORT_LIST =
            call(0x0610, "SERIAL_PORT_LIST", "List serial ports", None.class, PortList.class).floor(Tier.T1)
            .reads();

    /**
     * Opens a port alone, with whatever right there is to it, or finds it open after a session was resumed;
     * what is left out is 115200 8N1.
     */
    public static final Operation<PortSetup, PortSettings> SERIAL_PORT_OPEN =
            call(0x0611, "SERIAL_PORT_OPEN", "Open serial port", PortSetup.class, PortSettings.class)
            .floor(Tier.T1);

    public static final Operation<PortRef, Done> SERIAL_PORT_CLOSE =
            call(0x0612, "SERIAL_PORT_CLOSE", "Close serial port", PortRef.class, Done.class).floor(Tier.T1);

    /** Changes settings; what is left out stays. */
    public static final Operation<PortSetup, PortSettings> SERIAL_PORT_CONFIGURE =
            call(0x0613, "SERIAL_PORT_CONFIGURE", "Configure baud, parity, etc.", PortSetup.class,
            PortSettings.class)
                    .floor(Tier.T1).writes();

    /** Answered when all the bytes were handed to the driver. */
    public static final Operation<PortWrite, Written> SERIAL_DATA_WRITE =
            call(0x0614, "SERIAL_DATA_WRITE", "Write to serial port", PortWrite.class, Written.class)
            .floor(Tier.T1)
                    .writes();

    /**
     * Answers with what is there, waiting for a first byte; followed, it goes on with every byte that comes.
     */
    public static final Operation<PortRead, PortData> SERIAL_DATA_READ =
            call(0x0615, "SERIAL_DATA_READ", "Read from serial port", PortRead.class, PortData.class)
            .floor(Tier.T1)
                    .reads().followed();

    public static final Operation<ControlSet, Done> SERIAL_CONTROL_SET =
            call(0x0616, "SERIAL_CONTROL_SET", "Set control lines (DTR, RTS)", ControlSet.class, Done.class)
                    .floor(Tier.T1).writes();

    public static final Operation<PortRef, ControlLines> SERIAL_CONTROL_GET =
            call(0x0617, "SERIAL_CONTROL_GET", "Get control line status", PortRef.class, ControlLines.class)
                    .floor(Tier.T1).reads();

    public static final Operation<PortBreak, Done> SERIAL_BREAK =
            call(0x0618, "SERIAL_BREAK", "Send break condition", PortBreak.class, Done.class).floor(Tier.T1)
            .writes();

    public static final OperationTable TABLE = OperationTable.of("serial", 0x0610, 0x061F, SERIAL_PORT_LIST,
            SERIAL_PORT_OPEN, SERIAL_PORT_CLOSE, SERIAL_PORT_CONFIGURE, SERIAL_DATA_WRITE, SERIAL_DATA_READ,
            SERIAL_CONTROL_SET, SERIAL_CONTROL_GET, SERIAL_BREAK);

    private SerialOperations() {
    }
}
