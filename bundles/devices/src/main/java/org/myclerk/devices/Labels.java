package org.myclerk.devices;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;

import org.myclerk.api.store.Store;

/**
 * What was set about devices, by id; kept in the store, and in memory alone if there is none. Thread-safe.
 */
final class Labels {

    private final Kept<Label> kept = new Kept<>("devices.labels", Label.class);
    private final Optional<Store> store;
    private final Map<String, Label> known = new ConcurrentHashMap<>();
    private final ReentrantLock changing = new ReentrantLock();

    Labels(Optional<Store> store) {
        this.store = store;
        store.ifPresent(it -> it.all(kept.bucket()).forEach(entry ->
                known.put(entry.key(), kept.decode(entry.value()))));
    }

    Label of(String device) {
        return known.getOrDefault(device, Label.NONE);
    }

    /** Changes what is set, one caller after the other. */
    void change(String device, UnaryOperator<Label> change) {
        changing.lock();
        try {
            Label label = change.apply(of(device));
            store.ifPresent(it -> it.write(List.of(label.equals(Label.NONE) ? kept.remove(device)
                    : kept.put(device, label))));
            known.put(device, label);
        } finally {
            changing.unlock();
        }
    }
}
