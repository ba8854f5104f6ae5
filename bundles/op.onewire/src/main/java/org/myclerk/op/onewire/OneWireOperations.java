package org.myclerk.op.onewire;

import static org.myclerk.api.operation.Operation.call;

import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.OperationTable;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Done;
import org.myclerk.api.payload.None;

/**
 * Table 16, 1-Wire Operations (§6.3.7). MATCH_ROM and SKIP_ROM can write and read as well, and are whole
 * transactions then. Alone they are steps, as RESET, READ and WRITE are: the bus belongs to the caller until
 * it made none for two seconds (docs/decisions/0066).
 */
public final class OneWireOperations {

    public static final Operation<None, BusList> ONEWIRE_BUS_LIST =
            call(0x0660, "ONEWIRE_BUS_LIST", "List 1-Wire buses", None.class, BusList.class).floor(Tier.T1)
            .reads();

    public static final Operation<Search, Found> ONEWIRE_SEARCH =
            call(0x0661, "ONEWIRE_SEARCH", "Search for devices", Search.class, Found.class).floor(Tier.T1)
            .reads();

    /** A step. */
    public static final Operation<BusRef, Presence> ONEWIRE_RESET =
            call(0x0662, "ONEWIRE_RESET", "Reset bus", BusRef.class, Presence.class).floor(Tier.T1).writes();

    /** Of the only device of a bus: several at once answer garbage, which the CRC betrays. */
    public static final Operation<BusRef, Rom> ONEWIRE_READ_ROM =
            call(0x0663, "ONEWIRE_READ_ROM", "Read device ROM", BusRef.class, Rom.class).floor(Tier.T1)
            .reads();

    /** Resets, selects one device, writes, reads. */
    public static final Operation<Match, Data> ONEWIRE_MATCH_ROM =
            call(0x0664, "ONEWIRE_MATCH_ROM", "Select device by ROM", Match.class, Data.class).floor(Tier.T1)
            .writes();

    /** Resets, selects all devices, writes, reads. */
    public static final Operation<Skip, Data> ONEWIRE_SKIP_ROM =
            call(0x0665, "ONEWIRE_SKIP_ROM", "Skip ROM (single device)", Skip.class, Data.class)
            .floor(Tier.T1)
                    .writes();

    /** A step. */
    public static final Operation<Read, Data> ONEWIRE_READ =
            call(0x0666, "ONEWIRE_READ", "Read bytes", Read.class, Data.class).floor(Tier.T1).reads();

    /** A step. */
    public static final Operation<Write, Done> ONEWIRE_WRITE =
            call(0x0667, "ONEWIRE_WRITE", "Write bytes", Write.class, Done.class).floor(Tier.T1).writes();

    public static final OperationTable TABLE = OperationTable.of("onewire", 0x0660, 0x066F, ONEWIRE_BUS_LIST,
            ONEWIRE_SEARCH, ONEWIRE_RESET, ONEWIRE_READ_ROM, ONEWIRE_MATCH_ROM, ONEWIRE_SKIP_ROM,
            ONEWIRE_READ, ONEWIRE_WRITE);

    private OneWireOperations() {
    }
}
