package org.myclerk.core.trust;

import java.lang.System.Logger.Level;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.store.Store;
import org.myclerk.api.store.Store.Change;

/**
 * Writes to the store for those who must not wait. Changes of one key that wait together become one, so what
 * waits is bounded by the number of keys; all that wait become one write. One virtual thread, only while
 * there is work.
 */
final class WriteBehind {

    private static final System.Logger LOG = System.getLogger("org.myclerk.core");

    private record Place(String bucket, String key) {
    }

    private final Store store;
    private Map<Place, Change> waiting = new LinkedHashMap<>();
    private boolean writing;
    private long asked;
    private long done;
    private long failed;
    private RuntimeException failure;

    WriteBehind(Store store) {
        this.store = store;
    }

    void put(String bucket, String key, Bytes value) {
        add(new Place(bucket, key), new Change.Put(bucket, key, value));
    }

    void remove(String bucket, String key) {
        add(new Place(bucket, key), new Change.Remove(bucket, key));
    }

    private synchronized void add(Place place, Change change) {
        waiting.put(place, change);
        asked++;
        start();
    }

    private void start() {
        if (!writing && !waiting.isEmpty()) {
            writing = true;
            Thread.ofVirtual().name("myclerk-trust-writer").start(this::drain);
        }
    }

    /**
     * Waits until everything asked for so far is durable.
     *
     * @throws RuntimeException the store's, if it is not; what failed is tried again with the next change
     */
    synchronized void flush() {
        long target = asked;
        failed = 0;
        boolean interrupted = false;
        while (done < target && failed < target) {
            start();
            try {
                wait();
            } catch (InterruptedException later) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (done < target) {
            throw failure;
        }
    }

    private void drain() {
        Map<Place, Change> batch = Map.of();
        long upTo = 0;
        try {
            while (true) {
                synchronized (this) {
                    if (waiting.isEmpty()) {
                        writing = false;
                        notifyAll();
                        return;
                    }
                    batch = waiting;
                    waiting = new LinkedHashMap<>();
                    upTo = asked;
                }
                store.write(List.copyOf(batch.values()));
                synchronized (this) {
                    done = upTo;
                    notifyAll();
                }
            }
        } catch (RuntimeException trouble) {
            LOG.log(Level.WARNING, "what the node knows of its family could not be saved: {0}",
                    trouble.getMessage());
            synchronized (this) {
                batch.putAll(waiting);
                waiting = batch;
                failure = trouble;
                failed = upTo;
                writing = false;
                notifyAll();
            }
        }
    }
}
