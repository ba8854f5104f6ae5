package org.myclerk.core.node;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.IntStream;

import org.myclerk.api.client.Peer.Subscription;
import org.myclerk.api.guard.Guard;
import org.myclerk.api.node.Replacing;
import org.myclerk.api.operation.Bindings;
import org.myclerk.api.operation.OperationHandler;
import org.myclerk.core.dispatch.AdministratorsOnly;
import org.myclerk.core.dispatch.Dispatcher;
import org.myclerk.core.dispatch.HandlerTable;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/**
 * Follows the handlers and the guard as bundles come and go, and dispatches to those that are there. As a
 * health check it tells which handlers are not served or keep failing.
 */
@Component(service = {HandlerRegistry.class, Supplier.class}, immediate = true,
        property = Replacing.HEALTH + "=handlers")
public final class HandlerRegistry implements Supplier<Map<Long, String>> {

    private static final Logger LOG = System.getLogger("org.myclerk.core");
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final String SERVED = "org.myclerk.core.served";
    private static final String GUARDED = "org.myclerk.core.guarded";
    /** Errors of its own from which on a handler is called sick, if they are half of its answers. */
    private static final int MANY_FAILURES = 5;

    private final HandlerTable table = new HandlerTable();
    private final Map<OperationHandler, HandlerTable.Slot> slots = new ConcurrentHashMap<>();
    private final Map<OperationHandler, Map.Entry<Long, String>> unserved = new ConcurrentHashMap<>();
    private final AtomicReference<Map<String, Object>> handedOver = new AtomicReference<>();
    private final AtomicReference<Guard> guard = new AtomicReference<>();
    private final AtomicReference<Subscription> narrowed = new AtomicReference<>();
    private final Guard without = new AdministratorsOnly();
    private final Dispatcher dispatcher = new Dispatcher(table, this::guard);
    private volatile boolean guardLeft;

    private Guard guard() {
        Guard there = guard.get();
        return there != null || guardLeft ? there : without;
    }

    Dispatcher dispatcher() {
        return dispatcher;
    }

    /**
     * While bundles are being replaced: what they hand over to their next versions, see {@link Replacing}.
     */
    Optional<Map<String, Object>> handedOver() {
        return Optional.ofNullable(handedOver.get());
    }

    @Deactivate
    void deactivate() {
        handedOver().ifPresent(next -> {
            next.put(SERVED, table.codes().stream().mapToInt(code -> code).toArray());
            next.put(GUARDED, guard() != without);
        });
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindHandler(OperationHandler handler, Map<String, Object> properties) {
        long bundle = properties.get("service.bundleid") instanceof Long id ? id : 0;
        try {
            Bindings bindings = handler.bindings();
            int rank = properties.get("service.ranking") instanceof Integer ranking ? ranking : 0;
            slots.put(handler, table.add(bindings, bundle, rank));
        } catch (RuntimeException wrong) {
            unserved.put(handler, Map.entry(bundle, "is not served: " + wrong.getMessage()));
            LOG.log(Level.ERROR, "%s is not served: %s".formatted(properties.get("component.name"),
                    wrong.getMessage()), wrong);
        }
    }

    void unbindHandler(OperationHandler handler) {
        unserved.remove(handler);
        HandlerTable.Slot slot = slots.remove(handler);
        if (slot != null && !table.remove(slot, PATIENCE)) {
            LOG.log(Level.WARNING, "{0} left while calls were under way", slot.table().name());
        }
    }

    /** Bundles are being replaced until it is unbound (decision 55). */
    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC,
            target = Replacing.TARGET)
    void bindReplacement(ConcurrentMap<String, Object> replacement) {
        handedOver.set(replacement);
        guardLeft = Boolean.TRUE.equals(replacement.remove(GUARDED));
        List<Integer> expected = replacement.remove(SERVED) instanceof int[] codes
                ? IntStream.of(codes).boxed().toList() : List.of();
        table.replacing(true, expected);
    }

    void unbindReplacement(ConcurrentMap<String, Object> replacement) {
        if (handedOver.compareAndSet(replacement, null)) {
            guardLeft = false;
            table.replacing(false, List.of());
            dispatcher.reconsider();
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
        guardLeft = false;
        table.awaken();
        dispatcher.reconsider();
    }

    void unbindGuard(Guard removed) {
        if (guard.get() == removed) {
            guardLeft = handedOver.get() != null;
            guard.set(null);
            narrowed.getAndSet(null).close();
            dispatcher.reconsider();
        }
    }

    /** What is wrong with the handlers of bundles, by the bundle's id; empty if all is well. */
    @Override
    public Map<Long, String> get() {
        Map<Long, String> wrong = new HashMap<>();
        unserved.values().forEach(each -> wrong.put(each.getKey(), each.getValue()));
        for (HandlerTable.Slot slot : table.slots()) {
            long failed = slot.failed();
            if (failed >= MANY_FAILURES && failed * 2 >= slot.served()) {
                wrong.put(slot.bundle(), "%s answered %d of %d requests with 0x20".formatted(slot.table()
                        .name(), failed, slot.served()));
            }
        }
        return wrong;
    }
}
