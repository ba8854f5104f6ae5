package org.myclerk.vendor.conformance;

import static org.myclerk.api.operation.Operation.call;

import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.OperationTable;
import org.myclerk.api.payload.Done;
import org.myclerk.api.payload.Fields;
import org.myclerk.api.payload.None;

/** What a test of a foreign client or server wants of the other side; nothing of the draft. */
public final class ConformanceOperations {

    public static final Operation<Fields, Fields> CONFORMANCE_ECHO =
            call(0xF001, "CONFORMANCE_ECHO", "Answer with the fields that came", Fields.class, Fields.class);
    public static final Operation<None, Done> CONFORMANCE_ROTATE =
            call(0xF002, "CONFORMANCE_ROTATE", "Start a rotation of this session's keys", None.class,
            Done.class);
    public static final Operation<Pause, Done> CONFORMANCE_WAIT =
            call(0xF003, "CONFORMANCE_WAIT", "Answer after a while", Pause.class, Done.class);
    /** Its events carry the same code. */
    public static final Operation<EventsWanted, Counted> CONFORMANCE_EVENTS =
            call(0xF004, "CONFORMANCE_EVENTS", "Answer and send events", EventsWanted.class, Counted.class);
    public static final Operation<BytesWanted, Data> CONFORMANCE_DATA =
            call(0xF005, "CONFORMANCE_DATA", "Answer with that many bytes", BytesWanted.class, Data.class)
                    .compressible();

    public static final OperationTable TABLE = OperationTable.of("conformance", 0xF000, 0xF00F,
            CONFORMANCE_ECHO, CONFORMANCE_ROTATE, CONFORMANCE_WAIT, CONFORMANCE_EVENTS, CONFORMANCE_DATA);

    private ConformanceOperations() {
    }
}
