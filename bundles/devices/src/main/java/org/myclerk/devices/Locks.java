package org.myclerk.devices;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

import org.myclerk.api.store.Store;

/** The locks there are, in the store; nothing is kept if there is none. Thread-safe. */
final class Locks {

    private final Kept<Lock> kept = new Kept<>("devices.locks", Lock.class);
    private final Optional<Store> store;
    private final Map<String, Lock> before = new ConcurrentHashMap<>();
    private final ReentrantLock saving = new ReentrantLock();

    Locks(Optional<Store> store) {
        this.store = store;
        store.ifPresent(it -> kept.all(it).forEach(lock -> before.put(lock.device(), lock)));
    }

    /** The lock that a device had when the node stopped, told once; {@code null} if it had none. */
    Lock before(String device) {
        return before.remove(device);
    }

    /** The lock that a device will have again when it comes; {@code null} if there is none. */
    Lock waiting(String device) {
        return before.get(device);
    }

    /**
     * Writes what a device's lock is, after every change of it. One writes at a time, so that what is written last is
     * what was last.
     *
     * @param now asked once it is this one's turn
     */
    void save(String device, Supplier<Optional<Lock>> now) {
        if (store.isEmpty()) {
            return;
        }
        before.remove(device);
        saving.lock();
        try {
            store.get().write(List.of(now.get().map(lock -> kept.put(device, lock))
                    .orElseGet(() -> kept.remove(device))));
        } finally {
            saving.unlock();
        }
    }
}
