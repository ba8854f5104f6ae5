package org.myclerk.api.operation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Done;
import org.myclerk.api.payload.None;

/** A table and the methods behind it. */
class BindingsTest {

    private static final Operation<None, Done> SET =
            Operation.call(1, "LAMP_SET", "Set", None.class, Done.class);
    private static final Operation<None, Done> WATCH =
            Operation.call(2, "LAMP_WATCH", "Watch", None.class, Done.class).followed();
    private static final Operation<None, None> TELL = Operation.oneWay(3, "LAMP_TELL", "Tell", None.class);
    private static final Operation<None, Done> EVENT = Operation.event(4, "LAMP_EVENT", "Event", Done.class);
    private static final Operation<None, Done> ANSWER =
            Operation.answer(5, "LAMP_ANSWER", "Answer", Done.class);
    private static final Operation<None, Done> STRANGE =
            Operation.call(1, "LAMP_SET", "Set", None.class, Done.class);
    private static final OperationTable TABLE = OperationTable.of("lamp", 1, 9, SET, WATCH, TELL, EVENT,
            ANSWER);

    private static Done done(Caller caller, None request) {
        return Done.DONE;
    }

    private static Done follow(Caller caller, None request, Answers<Done> answers) {
        return Done.DONE;
    }

    private static None none(Caller caller, None request) {
        return None.NONE;
    }

    private static void refuses(String message, Runnable what) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, what::run).getMessage());
    }

    @Test
    void servesEveryRowButEventsAndAnswers() throws Refused, InterruptedException {
        Bindings bindings = TABLE.bind().to(SET, BindingsTest::done).following(WATCH, BindingsTest::follow)
                .to(TELL, BindingsTest::none).done();
        assertSame(TABLE, bindings.table());
        assertSame(SET, bindings.binding(SET.code()).operation());
        assertNotNull(bindings.binding(WATCH.code()));
        assertNotNull(bindings.binding(TELL.code()));
        assertNull(bindings.binding(EVENT.code()));
        assertNull(bindings.binding(ANSWER.code()));
        assertNull(bindings.binding(new OpCode(9)));
        @SuppressWarnings("unchecked")
        Bindings.Binding<None, Done> set = (Bindings.Binding<None, Done>) bindings.binding(SET.code());
        assertSame(Done.DONE, set.method().answer(null, None.NONE, null));
    }

    @Test
    void namesTheRowsWithoutAMethod() {
        refuses("lamp: no method for [LAMP_SET, LAMP_WATCH, LAMP_TELL]", () -> TABLE.bind().done());
        refuses("lamp: no method for [LAMP_TELL]",
                () -> TABLE.bind().to(SET, BindingsTest::done).unserved(WATCH).done());
    }

    @Test
    void leavesOutWhatIsKnowinglyUnserved() {
        Bindings bindings = TABLE.bind().unserved(SET).unserved(WATCH).unserved(TELL).done();
        assertNull(bindings.binding(SET.code()));
    }

    @Test
    void refusesToBindARowTwice() {
        refuses("0x0001 LAMP_SET is bound twice",
                () -> TABLE.bind().to(SET, BindingsTest::done).to(SET, BindingsTest::done));
        refuses("0x0001 LAMP_SET is bound twice", () ->
                TABLE.bind().to(SET, BindingsTest::done).unserved(SET));
        refuses("0x0001 LAMP_SET is bound twice", () ->
                TABLE.bind().unserved(SET).to(SET, BindingsTest::done));
    }

    @Test
    void refusesRowsOfAnotherTable() {
        refuses("0x0001 LAMP_SET is no row of lamp", () -> TABLE.bind().to(STRANGE, BindingsTest::done));
    }

    @Test
    void refusesToServeWhatIsOnlySent() {
        refuses("0x0004 LAMP_EVENT is sent, not served", () -> TABLE.bind().to(EVENT, BindingsTest::done));
        refuses("0x0005 LAMP_ANSWER is sent, not served", () -> TABLE.bind().unserved(ANSWER));
    }

    @Test
    void refusesToFollowARowThatIsNotDeclaredSo() {
        refuses("0x0001 LAMP_SET is not declared as followed",
                () -> TABLE.bind().following(SET, BindingsTest::follow));
    }

    @Test
    void servesAFollowedRowWithASingleAnswerToo() {
        assertNotNull(TABLE.bind().to(WATCH, BindingsTest::done).unserved(SET).unserved(TELL).done()
                .binding(WATCH.code()));
    }
}
