package ${package}.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;

import ${package}.Note;
import ${package}.NoteOperations;
import ${package}.Notes;
import org.junit.jupiter.api.Test;
import org.myclerk.api.operation.Bindings;
import org.myclerk.api.operation.Bindings.Binding;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.payload.None;
import org.myclerk.testing.TestAnswers;
import org.myclerk.testing.TestCaller;

class NoteHandlerTest {

    private final Bindings bindings = new NoteHandler().bindings();
    private final TestCaller caller = new TestCaller("laptop", 1);

    @Test
    void listsWhatWasAddedAndTellsTheCaller() throws Exception {
        Note milk = new Note("buy milk");
        call(NoteOperations.NOTE_ADD, milk);
        assertEquals(new Notes(List.of(milk)), call(NoteOperations.NOTE_LIST, None.NONE));
        assertEquals(List.of(milk), List.copyOf(caller.events));
    }

    @SuppressWarnings("unchecked")
    private <Q, A> A call(Operation<Q, A> row, Q request) throws Exception {
        var binding = (Binding<Q, A>) bindings.binding(row.code());
        return binding.method().answer(caller, request, TestAnswers.single());
    }
}
