package org.myclerk.op.i2c;

import java.util.List;

import static org.myclerk.api.operation.Operation.call;

import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.OperationTable;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Done;
import org.myclerk.api.payload.None;

/** Table 13, I2C Operations (§6.3.4). */
public final class I2cOperations {

    public static final Operation<None, BusList> I2C_BUS_LIST =
            call(0x0630, "I2C_BUS_LIST", "List I2C buses", None.class, BusList.class).floor(Tier.T1).reads();

    public static final Operation<BusScan, BusTargets> I2C_BUS_SCAN =
            call(0x0631, "I2C_BUS_SCAN", "Scan for devices on bus", BusScan.class, BusTargets.class)
            .floor(Tier.T1)
                    .reads();

    public static final Operation<Transfer, TransferResult> I2C_TRANSFER =
            call(0x0632, "I2C_TRANSFER", "I2C read/write transfer", Transfer.class, TransferResult.class)
                    .floor(Tier.T1).writes();

    public static final Operation<ByteWrite, Done> I2C_WRITE_BYTE =
            call(0x0633, "I2C_WRITE_BYTE", "Write single byte", ByteWrite.class, Done.class).floor(Tier.T1)
            .writes();

    public static final Operation<ByteRead, ByteValue> I2C_READ_BYTE =
            call(0x0634, "I2C_READ_BYTE", "Read single byte", ByteRead.class, ByteValue.class).floor(Tier.T1)
            .reads();

    public static final Operation<BlockWrite, Done> I2C_WRITE_BLOCK =
            call(0x0635, "I2C_WRITE_BLOCK", "Write data block", BlockWrite.class, Done.class).floor(Tier.T1)
            .writes();

    public static final Operation<BlockRead, BlockData> I2C_READ_BLOCK =
            call(0x0636, "I2C_READ_BLOCK", "Read data block", BlockRead.class, BlockData.class).floor(Tier.T1)
            .reads();

    public static final Operation<SmbusRequest, SmbusAnswer> I2C_SMBUS_COMMAND =
            call(0x0637, "I2C_SMBUS_COMMAND", "SMBus protocol command", SmbusRequest.class, SmbusAnswer.class)
                    .floor(Tier.T1).writes();

    public static final OperationTable TABLE = OperationTable.of("i2c", 0x0630, 0x063F, I2C_BUS_LIST,
            I2C_BUS_SCAN, I2C_TRANSFER, I2C_WRITE_BYTE, I2C_READ_BYTE, I2C_WRITE_BLOCK, I2C_READ_BLOCK,
            I2C_SMBUS_COMMAND);

    private I2cOperations() {
    }
}
