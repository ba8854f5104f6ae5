package org.myclerk.core.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.myclerk.api.operation.Bindings;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.OperationTable;
import org.myclerk.api.payload.Done;
import org.myclerk.api.payload.None;

/** Handlers come and go while they are looked up. */
@Timeout(60)
class HandlerTableTest {

    private static final int CODE = 0xF001;
    private static final Operation<None, Done> DO =
            Operation.call(CODE, "TEST_DO", "Does", None.class, Done.class);

    private final HandlerTable table = new HandlerTable();

    private static Bindings bindings() {
        return OperationTable.of("test", 0xF000, 0xF00F, DO).bind().to(DO, (caller, request) -> Done.DONE).done();
    }

    @Test
    void findsWhatServesACode() {
        assertNull(table.enter(CODE));
        HandlerTable.Slot slot = table.add(bindings(), 0);
        assertSame(slot, table.enter(CODE));
        assertEquals(DO, slot.binding(CODE).operation());
        assertTrue(table.serves(DO.code()));
        assertEquals("[test 0xF000-0xF00F]", table.toString());
        slot.exit();
    }

    @Test
    void prefersTheHigherRankAndAmongEqualsTheNewer() {
        HandlerTable.Slot low = table.add(bindings(), 1);
        HandlerTable.Slot high = table.add(bindings(), 2);
        HandlerTable.Slot newer = table.add(bindings(), 2);
        assertSame(newer, table.enter(CODE));
        table.remove(newer, Duration.ZERO);
        assertSame(high, table.enter(CODE));
        table.remove(high, Duration.ZERO);
        assertSame(low, table.enter(CODE));
    }

    @Test
    void waitsForCallsUnderWayAndTakesNoNewOnes() throws Exception {
        HandlerTable.Slot slot = table.add(bindings(), 0);
        assertSame(slot, table.enter(CODE));
        assertFalse(table.remove(slot, Duration.ofMillis(1)), "a call is under way");
        assertNull(table.enter(CODE));
        assertEquals(List.of(), table.tables());
        try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Boolean> drained = pool.submit(() -> table.remove(slot, Duration.ofSeconds(30)));
            slot.exit();
            assertTrue(drained.get());
        }
    }

    @Test
    void neverMissesAHandlerThatIsReplacedMeanwhile() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        HandlerTable.Slot first = table.add(bindings(), 0);
        try (ExecutorService pool = Executors.newFixedThreadPool(2)) {
            Future<Integer> caller = pool.submit(() -> {
                int calls = 0;
                while (!done.get()) {
                    HandlerTable.Slot slot = table.enter(CODE);
                    assertNotNull(slot, "a table that always had a handler gave none");
                    slot.exit();
                    calls++;
                }
                return calls;
            });
            HandlerTable.Slot current = first;
            for (int i = 0; i < 2000; i++) {
                HandlerTable.Slot next = table.add(bindings(), 0);
                assertTrue(table.remove(current, Duration.ofSeconds(30)));
                current = next;
            }
            done.set(true);
            assertTrue(caller.get() > 0);
        }
    }
}
