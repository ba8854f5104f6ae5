package ${package}.internal;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import ${package}.Note;
import ${package}.NoteOperations;
import ${package}.Notes;
import org.myclerk.api.operation.Bindings;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.OperationHandler;
import org.myclerk.api.operation.OperationRange;
import org.myclerk.api.payload.Done;
import org.osgi.service.component.annotations.Component;

/** Keeps notes as long as the node runs. */
@Component
@OperationRange(name = "note", first = 0xF100, last = 0xF10F)
public final class NoteHandler implements OperationHandler {

    private final List<Note> notes = new CopyOnWriteArrayList<>();

    @Override
    public Bindings bindings() {
        return NoteOperations.TABLE.bind()
                .to(NoteOperations.NOTE_ADD, this::add)
                .to(NoteOperations.NOTE_LIST, (_, _) -> new Notes(List.copyOf(notes)))
                .done();
    }

    private Done add(Caller caller, Note note) throws InterruptedException {
        notes.add(note);
        caller.emit(NoteOperations.NOTE_ADDED, note);
        return Done.DONE;
    }
}
