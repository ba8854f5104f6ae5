package org.myclerk.core.node;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

import org.myclerk.api.client.Peer.Subscription;
import org.myclerk.api.guard.Guard;
import org.myclerk.api.operation.Bindings;
import org.myclerk.api.operation.OperationHandler;
import org.myclerk.core.dispatch.AdministratorsOnly;
import org.myclerk.core.dispatch.Dispatcher;
import org.myclerk.core.dispatch.HandlerTable;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** Follows the handlers and the guard as bundles come and go, and dispatches to those that are there. */
@Component(service = HandlerRegistry.class, immediate = true)
public final class HandlerRegistry {

    private static final Logger LOG = System.getLogger("org.myclerk.core");
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final HandlerTable table = new HandlerTable();
    private final Map<OperationHandler, HandlerTable.Slot> slots = new ConcurrentHashMap<>();
    private final AtomicReference<Guard> guard = new AtomicReference<>();
    private final AtomicReference<Subscription> narrowed = new AtomicReference<>();
    private final Guard without = new AdministratorsOnly();
    private final Dispatcher dispatcher = new Dispatcher(table, () -> {
        Guard there = guard.get();
        return there == null ? without : there;
    });

    Dispatcher dispatcher() {
        return dispatcher;
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindHandler(OperationHandler handler, Map<String, Object> properties) {
        try {
            Bindings bindings = handler.bindings();
            int rank = properties.get("service.ranking") instanceof Integer ranking ? ranking : 0;
            slots.put(handler, table.add(bindings, rank));
        } catch (RuntimeException wrong) {
            LOG.log(Level.ERROR, "%s is not served: %s".formatted(properties.get("component.name"),
                    wrong.getMessage()), wrong);
        }
    }

    void unbindHandler(OperationHandler handler) {
        HandlerTable.Slot slot = slots.remove(handler);
        if (slot != null && !table.remove(slot, PATIENCE)) {
            LOG.log(Level.WARNING, "a handler left while calls were under way");
        }
    }

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindGuard(Guard added) {
        Subscription before = narrowed.getAndSet(added.onNarrowed(dispatcher::reconsider));
        if (before != null) {
            before.close();
        }
        guard.set(added);
        dispatcher.reconsider();
    }

    void unbindGuard(Guard removed) {
        if (guard.compareAndSet(removed, null)) {
            narrowed.getAndSet(null).close();
            dispatcher.reconsider();
        }
    }
}
