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
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
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
        return OperationTable.of("test", 0xF000, 0xF00F, DO).bind().to(DO, (caller, request) -> Done.DONE)
                .done();
    }

    @Test
    void findsWhatServesACode() {
        assertNull(table.enter(CODE));
        HandlerTable.Slot slot = table.add(bindings(), 0, 0);
        assertSame(slot, table.enter(CODE));
        assertEquals(DO, slot.binding(CODE).operation());
        assertTrue(table.serves(DO.code()));
        assertEquals("[test 0xF000-0xF00F]", table.toString());
        slot.exit();
    }

    @Test
    void prefersTheHigherRankAndAmongEqualsTheNewer() {
        HandlerTable.Slot low = table.add(bindings(), 0, 1);
        HandlerTable.Slot high = table.add(bindings(), 0, 2);
        HandlerTable.Slot newer = table.add(bindings(), 0, 2);
        assertSame(newer, table.enter(CODE));
        table.remove(newer, Duration.ZERO);
        assertSame(high, table.enter(CODE));
        table.remove(high, Duration.ZERO);
        assertSame(low, table.enter(CODE));
    }

    @Test
    void waitsForCallsUnderWayAndTakesNoNewOnes() throws Exception {
        HandlerTable.Slot slot = table.add(bindings(), 0, 0);
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

    /**
     * A caller looks at the table, and while it is on its way to the handler that it saw, two replacements go
     * by. Only a caller that looks again finds the third version; with its window of 20 ms the race is met
     * every time.
     */
    @Test
    void looksAgainWhenAllItSawHaveClosed() throws Exception {
        Semaphore entering = new Semaphore(0);
        Semaphore mayEnter = new Semaphore(0);
        HandlerTable slow = new HandlerTable(() -> {
            entering.release();
            try {
                mayEnter.tryAcquire(20, TimeUnit.MILLISECONDS);
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        });
        HandlerTable.Slot current = slow.add(bindings(), 0, 0);
        try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 40; i++) {
                Future<HandlerTable.Slot> caller = pool.submit(() -> slow.enter(CODE));
                entering.acquire();
                HandlerTable.Slot next = slow.add(bindings(), 0, 0);
                assertTrue(slow.remove(current, Duration.ofSeconds(30)));
                mayEnter.release();
                HandlerTable.Slot entered = caller.get();
                assertNotNull(entered, "round " + i + ": told that nothing serves the code");
                assertSame(next, entered);
                entered.exit();
                entering.drainPermits();
                mayEnter.drainPermits();
                current = next;
            }
        }
    }

    @Test
    void awaitsWhatLeavesWhileBundlesAreReplacedAndNothingElse() throws Exception {
        HandlerTable.Slot slot = table.add(bindings(), 0, 0);
        table.replacing(true, List.of(0xF300));
        assertSame(HandlerTable.AWAITED, table.enter(0xF300), "a code that the table before this one served");
        assertNull(table.enter(0xF301), "a code that nothing ever served");
        table.remove(slot, Duration.ZERO);
        assertSame(HandlerTable.AWAITED, table.enter(CODE));
        assertSame(HandlerTable.AWAITED, table.await(CODE, () -> true, Duration.ofMillis(1)));
        assertTrue(table.serves(DO.code()));
        assertEquals(List.of(slot.table()), table.tables(), "the catalogue does not flicker");
        try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<HandlerTable.Slot> caller = pool.submit(() -> table.await(CODE, () -> true,
                    Duration.ofSeconds(30)));
            HandlerTable.Slot next = table.add(bindings(), 0, 0);
            assertSame(next, caller.get());
            next.exit();
            table.remove(next, Duration.ZERO);
        }
        table.replacing(false, List.of());
        assertNull(table.enter(CODE), "it did not come back");
        assertNull(table.enter(0xF300));
        assertEquals(List.of(), table.tables());
    }

    @Test
    void neverMissesAHandlerThatIsReplacedMeanwhile() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        HandlerTable.Slot first = table.add(bindings(), 0, 0);
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
                HandlerTable.Slot next = table.add(bindings(), 0, 0);
                assertTrue(table.remove(current, Duration.ofSeconds(30)));
                current = next;
            }
            done.set(true);
            assertTrue(caller.get() > 0);
        }
    }
}
