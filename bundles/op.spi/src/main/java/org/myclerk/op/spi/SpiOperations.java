package org.myclerk.op.spi;

import java.util.List;

import static org.myclerk.api.operation.Operation.call;

import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.OperationTable;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Done;
import org.myclerk.api.payload.None;

/** Table 14, SPI Operations (§6.3.5). */
public final class SpiOperations {

    public static final Operation<None, DeviceList> SPI_BUS_LIST =
            call(0x0640, "SPI_BUS_LIST", "List SPI buses", None.class, DeviceList.class).floor(Tier.T1)
            .reads();

    /**
     * Opens a device alone, or finds it open after a session was resumed; what is left out is as the kernel
     * has it.
     */
    public static final Operation<DeviceSetup, DeviceSettings> SPI_DEVICE_OPEN =
            call(0x0641, "SPI_DEVICE_OPEN", "Open SPI device", DeviceSetup.class, DeviceSettings.class)
            .floor(Tier.T1)
                    .writes();

    public static final Operation<DeviceRef, Done> SPI_DEVICE_CLOSE =
            call(0x0642, "SPI_DEVICE_CLOSE", "Close SPI device", DeviceRef.class, Done.class).floor(Tier.T1)
            .writes();

    /** Changes settings; what is left out stays. */
    public static final Operation<DeviceSetup, DeviceSettings> SPI_CONFIGURE =
            call(0x0643, "SPI_CONFIGURE", "Configure mode, speed, bits", DeviceSetup.class,
            DeviceSettings.class)
                    .floor(Tier.T1).writes();

    public static final Operation<Transfer, Received> SPI_TRANSFER =
            call(0x0644, "SPI_TRANSFER", "Full-duplex SPI transfer", Transfer.class, Received.class)
            .floor(Tier.T1)
                    .writes();

    public static final Operation<SpiWrite, Written> SPI_WRITE =
            call(0x0645, "SPI_WRITE", "SPI write-only", SpiWrite.class, Written.class).floor(Tier.T1)
            .writes();

    public static final Operation<SpiRead, SpiData> SPI_READ =
            call(0x0646, "SPI_READ", "SPI read-only", SpiRead.class, SpiData.class).floor(Tier.T1).reads();

    public static final OperationTable TABLE = OperationTable.of("spi", 0x0640, 0x064F, SPI_BUS_LIST,
            SPI_DEVICE_OPEN, SPI_DEVICE_CLOSE, SPI_CONFIGURE, SPI_TRANSFER, SPI_WRITE, SPI_READ);

    private SpiOperations() {
    }
}
