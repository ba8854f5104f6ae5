package org.myclerk.devices;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

import org.myclerk.api.store.Store;

/** The locks in the store, if there is one, and those that wait for their devices. Thread-safe. */
final class Locks {

    private final Kept<Lock> kept = new Kept<>("devices.locks", Lock.class);
    private final Optional<Store> store;
    private final Map<String, Lock> waiting = new ConcurrentHashMap<>();
    private final ReentrantLock saving = new ReentrantLock();

    Locks(Optional<Store> store) {
        this.store = store;
        store.ifPresent(it -> kept.all(it).forEach(lock -> waiting.put(lock.device(), lock)));
    }

    /** The lock that waits for a device, which has come and takes it; {@code null} if there is none. */
    Lock take(String device) {
        return waiting.remove(device);
    }

    /** The lock that a device will have again when it comes. */
    Optional<Lock> waiting(String device) {
        return Optional.ofNullable(waiting.get(device));
    }

    /** A device has gone with a lock on it. */
    void await(Lock lock) {
        waiting.put(lock.device(), lock);
    }

    /**
     * Writes what a device's lock is, after every change of it. One writes at a time, so that what is written
     * last is what was last.
     *
     * @param now asked once it is this one's turn
     */
    void save(String device, Supplier<Optional<Lock>> now) {
        if (store.isEmpty()) {
            return;
        }
        saving.lock();
        try {
            store.get().write(List.of(now.get().map(lock -> kept.put(device, lock))
                    .orElseGet(() -> kept.remove(device))));
        } finally {
            saving.unlock();
        }
    }
}
