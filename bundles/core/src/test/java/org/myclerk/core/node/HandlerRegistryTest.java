package org.myclerk.core.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

import org.junit.jupiter.api.Test;
import org.myclerk.api.client.Peer.Subscription;
import org.myclerk.api.guard.Guard;
import org.myclerk.api.guard.Step;
import org.myclerk.api.guard.Who;
import org.myclerk.api.operation.Bindings;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.OperationHandler;
import org.myclerk.api.operation.OperationTable;
import org.myclerk.api.payload.Done;
import org.myclerk.api.payload.None;
import org.myclerk.core.dispatch.HandlerTable;

/** Handlers and guard as services that come and go. */
class HandlerRegistryTest {

    private static final Operation<None, Done> DO =
            Operation.call(0xF001, "TEST_DO", "Does", None.class, Done.class);
    private static final OperationTable TABLE = OperationTable.of("test", 0xF000, 0xF00F, DO);

    private final HandlerRegistry registry = new HandlerRegistry();

    private List<OperationTable> tables() {
        return registry.dispatcher().table().tables();
    }

    @Test
    void servesWhatIsBoundUntilItIsUnbound() {
        Bindings bindings = TABLE.bind().to(DO, (caller, request) -> Done.DONE).done();
        OperationHandler handler = () -> bindings;
        registry.bindHandler(handler, Map.of("service.ranking", 1));
        assertEquals(List.of(TABLE), tables());
        registry.unbindHandler(handler);
        assertEquals(List.of(), tables());
    }

    @Test
    void handsOverWhatItServesAndWaitsForIt() {
        Bindings bindings = TABLE.bind().to(DO, (caller, request) -> Done.DONE).done();
        OperationHandler handler = () -> bindings;
        ConcurrentMap<String, Object> replacement = new ConcurrentHashMap<>();
        registry.bindHandler(handler, Map.of());
        registry.bindReplacement(replacement);
        registry.unbindHandler(handler);
        assertEquals(List.of(TABLE), tables(), "it comes back");
        registry.deactivate();

        HandlerRegistry next = new HandlerRegistry();
        next.bindReplacement(replacement);
        assertTrue(next.dispatcher().table().serves(DO.code()));
        assertEquals(Map.of(), replacement, "taken");
        next.unbindReplacement(replacement);
        assertFalse(next.dispatcher().table().serves(DO.code()), "it did not come back");
    }

    @Test
    void saysWhichBundlesAreSick() {
        Bindings bindings = TABLE.bind().to(DO, (caller, request) -> Done.DONE).done();
        registry.bindHandler(() -> bindings, Map.of("service.bundleid", 7L));
        assertEquals(Map.of(), registry.get());
        OperationHandler forgetful = () -> TABLE.bind().done();
        registry.bindHandler(forgetful, Map.of("service.bundleid", 8L));
        assertEquals(Map.of(8L, "is not served: test: no method for [TEST_DO]"), registry.get());
        registry.unbindHandler(forgetful);
        HandlerTable.Slot slot = registry.dispatcher().table().slots().getFirst();
        for (int i = 0; i < 5; i++) {
            slot.count(false);
            slot.count(true);
        }
        assertEquals(Map.of(7L, "test answered 5 of 10 requests with 0x20"), registry.get());
    }

    @Test
    void leavesOutAHandlerThatForgotARow() {
        OperationHandler handler = () -> TABLE.bind().done();
        registry.bindHandler(handler, Map.of("component.name", "forgetful"));
        assertEquals(List.of(), tables());
        registry.unbindHandler(handler);
    }

    @Test
    void takesAGuardAndGoesOnWithoutOne() {
        List<Runnable> listeners = new ArrayList<>();
        Guard guard = new Guard() {
            @Override
            public void operation(Caller caller, Operation<?, ?> operation) {
                // Lets everybody in.
            }

            @Override
            public void device(Caller caller, Operation<?, ?> operation, String device) {
                // Lets everybody in.
            }

            @Override
            public Subscription onNarrowed(Runnable task) {
                listeners.add(task);
                return () -> listeners.remove(task);
            }

            @Override
            public List<Step> explain(Who who, Operation<?, ?> operation, Optional<String> device) {
                return List.of();
            }
        };
        registry.bindGuard(guard);
        assertEquals(1, listeners.size());
        registry.unbindGuard(guard);
        assertEquals(List.of(), listeners, "a guard that has gone is not listened to");
        assertEquals(List.of(), tables());
    }
}
