package ${package};

import static org.myclerk.api.operation.Operation.call;
import static org.myclerk.api.operation.Operation.event;

import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.OperationTable;
import org.myclerk.api.payload.Done;
import org.myclerk.api.payload.None;

/** Notes on the node, 0xF100-0xF10F. */
public final class NoteOperations {

    public static final Operation<Note, Done> NOTE_ADD =
            call(0xF100, "NOTE_ADD", "Add a note", Note.class, Done.class);
    public static final Operation<None, Notes> NOTE_LIST =
            call(0xF101, "NOTE_LIST", "List the notes", None.class, Notes.class);
    public static final Operation<None, Note> NOTE_ADDED =
            event(0xF102, "NOTE_ADDED", "A note was added", Note.class);

    public static final OperationTable TABLE =
            OperationTable.of("note", 0xF100, 0xF10F, NOTE_ADD, NOTE_LIST, NOTE_ADDED);

    private NoteOperations() {
    }
}
