package org.myclerk.core.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.myclerk.api.client.Peer.Subscription;
import org.myclerk.api.guard.Guard;
import org.myclerk.api.operation.Bindings;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.OperationHandler;
import org.myclerk.api.operation.OperationTable;
import org.myclerk.api.payload.Done;
import org.myclerk.api.payload.None;

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
        };
        registry.bindGuard(guard);
        assertEquals(1, listeners.size());
        registry.unbindGuard(guard);
        assertEquals(List.of(), listeners, "a guard that has gone is not listened to");
        assertEquals(List.of(), tables());
    }
}
