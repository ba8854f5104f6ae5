package com.example.chime;

import static org.myclerk.api.operation.Operation.call;
import static org.myclerk.api.operation.Operation.event;

import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.OperationTable;
import org.myclerk.api.payload.None;

/** A chime, 0xF200-0xF20F. */
public final class ChimeOperations {

    public static final Operation<Ring, Rung> CHIME_RING =
            call(0xF200, "CHIME_RING", "Ring the chime", Ring.class, Rung.class);
    public static final Operation<None, Rung> CHIME_COUNT =
            call(0xF201, "CHIME_COUNT", "Tell how often it rang", None.class, Rung.class);
    public static final Operation<None, Rung> CHIME_RUNG =
            event(0xF202, "CHIME_RUNG", "It rings", Rung.class);

    public static final OperationTable TABLE =
            OperationTable.of("chime", 0xF200, 0xF20F, CHIME_RING, CHIME_COUNT, CHIME_RUNG);

    private ChimeOperations() {
    }
}
