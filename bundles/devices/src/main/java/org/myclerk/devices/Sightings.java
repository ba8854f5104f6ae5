package org.myclerk.devices;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.ReentrantLock;

import org.myclerk.api.store.Store;
import org.myclerk.api.store.StoreException;

/**
 * The devices that people have to do with, so that they are known while they are away; kept in the store, and
 * in memory alone if there is none. What is put or forgotten is kept once {@link #flush} has written it.
 * Thread-safe.
 */
final class Sightings {

    private static final System.Logger LOG = System.getLogger("org.myclerk.devices");

    private final Kept<Sighting> kept = new Kept<>("devices.sightings", Sighting.class);
    private final Optional<Store> store;
    private final NavigableMap<String, Sighting> all = new ConcurrentSkipListMap<>();
    private final Set<String> changed = ConcurrentHashMap.newKeySet();
    private final ReentrantLock writing = new ReentrantLock();

    Sightings(Optional<Store> store) {
        this.store = store;
        store.ifPresent(it -> kept.all(it).forEach(one -> all.put(one.device(), one)));
    }

    Optional<Sighting> of(String device) {
        return Optional.ofNullable(all.get(device));
    }

    /** Those after an id, in the order of ids. */
    NavigableMap<String, Sighting> after(String device) {
        return all.tailMap(device, false);
    }

    void put(Sighting sighting) {
        all.put(sighting.device(), sighting);
        changed.add(sighting.device());
    }

    void forget(String device) {
        if (all.remove(device) != null) {
            changed.add(device);
        }
    }

    boolean changed() {
        return !changed.isEmpty();
    }

    /** Writes what has changed. */
    void flush() {
        writing.lock();
        try {
            List<String> due = List.copyOf(changed);
            changed.removeAll(due);
            if (due.isEmpty() || store.isEmpty()) {
                return;
            }
            List<Store.Change> changes = new ArrayList<>();
            due.forEach(device -> changes.add(of(device).map(one -> kept.put(device, one))
                    .orElseGet(() -> kept.remove(device))));
            store.get().write(changes);
        } catch (StoreException e) {
            LOG.log(System.Logger.Level.WARNING, "when devices were last seen is not kept: {0}",
                    e.getMessage());
        } finally {
            writing.unlock();
        }
    }
}
