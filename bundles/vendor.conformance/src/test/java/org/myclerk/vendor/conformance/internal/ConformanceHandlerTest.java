package org.myclerk.vendor.conformance.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.myclerk.api.operation.Bindings;
import org.myclerk.api.operation.OpCode;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Done;
import org.myclerk.api.payload.Fields;
import org.myclerk.api.payload.None;
import org.myclerk.testing.TestCaller;
import org.myclerk.testing.TestNode;
import org.myclerk.vendor.conformance.BytesWanted;
import org.myclerk.vendor.conformance.ConformanceOperations;
import org.myclerk.vendor.conformance.Counted;
import org.myclerk.vendor.conformance.EventsWanted;
import org.myclerk.vendor.conformance.Pause;

@Timeout(20)
class ConformanceHandlerTest {

    private final TestNode node = new TestNode();
    private final ConformanceHandler handler = new ConformanceHandler(node);
    private final Bindings bindings = handler.bindings();
    private final TestCaller caller = new TestCaller("ada", 7);

    @AfterEach
    void stop() {
        handler.close();
    }

    @SuppressWarnings("unchecked")
    private <Q, A> A call(Operation<Q, A> row, Q request) throws Refused, InterruptedException {
        return ((Bindings.Binding<Q, A>) bindings.binding(row.code())).method().answer(caller, request, null);
    }

    @Test
    void keepsItsCodes() {
        assertEquals(List.of(0xF001, 0xF002, 0xF003, 0xF004, 0xF005),
                ConformanceOperations.TABLE.rows().stream().map(Operation::code).map(OpCode::value).toList());
    }

    @Test
    void answersWithTheFieldsThatCame() throws Exception {
        Fields fields = Fields.of(Map.of("line", 3, "name", "lamp"));
        assertEquals(fields, call(ConformanceOperations.CONFORMANCE_ECHO, fields));
    }

    @Test
    void rotatesTheKeysOfTheCallersSession() throws Exception {
        assertEquals(Done.DONE, call(ConformanceOperations.CONFORMANCE_ROTATE, None.NONE));
        assertEquals("rotate " + caller.session().toHex(), node.asked.take());
    }

    @Test
    void waitsAsLongAsIsAsked() throws Exception {
        long before = System.nanoTime();
        call(ConformanceOperations.CONFORMANCE_WAIT, new Pause(50));
        assertTrue(System.nanoTime() - before >= 50_000_000);
    }

    @Test
    void stopsWaitingWhenItIsInterrupted() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        Thread waiting = Thread.ofVirtual().start(() -> {
            assertThrows(InterruptedException.class,
                    () -> call(ConformanceOperations.CONFORMANCE_WAIT, new Pause(600_000)));
            interrupted.countDown();
        });
        waiting.interrupt();
        interrupted.await();
    }

    @Test
    void sendsEventsInOrderFromZero() throws Exception {
        assertEquals(new Counted(Optional.empty()),
                call(ConformanceOperations.CONFORMANCE_EVENTS, new EventsWanted(1000, 0)));
        for (int i = 0; i < 1000; i++) {
            assertEquals(new Counted(Optional.of(i)), caller.events.take());
        }
    }

    @Test
    void stopsSendingWhenTheSessionEnds() throws Exception {
        call(ConformanceOperations.CONFORMANCE_EVENTS, new EventsWanted(2, 60_000));
        assertEquals(new Counted(Optional.of(0)), caller.events.take());
        caller.endSession();
        handler.idle();
        assertTrue(caller.events.isEmpty());
    }

    @Test
    void givesAsManyBytesAsAreWanted() throws Exception {
        assertEquals(0, call(ConformanceOperations.CONFORMANCE_DATA, new BytesWanted(0)).data().length());
        Bytes data = call(ConformanceOperations.CONFORMANCE_DATA, new BytesWanted(1_048_576)).data();
        assertEquals(1_048_576, data.length());
        Set<Byte> values = new HashSet<>();
        for (int i = 0; i < 256; i++) {
            values.add(data.at(1_048_320 + i));
        }
        assertEquals(256, values.size());
        assertEquals((byte) 0xFF, data.at(255));
    }

    @Test
    void readsItsFieldsAsTheyAreCalledOnTheWire() {
        Fields encoded = ConformanceOperations.CONFORMANCE_EVENTS.request().encode(new EventsWanted(3, 20));
        assertEquals(Map.of("n", 3L, "every-ms", 20L), encoded.toMap());
        assertFalse(ConformanceOperations.CONFORMANCE_EVENTS.answer().encode(new Counted(Optional.empty()))
                .toMap()
                .containsKey("i"));
    }

    @Test
    void refusesWhileItStops() {
        handler.close();
        assertThrows(Refused.class, () -> call(ConformanceOperations.CONFORMANCE_ROTATE, None.NONE));
    }
}
