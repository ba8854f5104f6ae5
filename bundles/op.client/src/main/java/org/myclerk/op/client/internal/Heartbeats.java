package org.myclerk.op.client.internal;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.store.Store;
import org.myclerk.api.store.Store.Change;
import org.myclerk.api.store.StoreException;
import org.myclerk.op.client.NodeClass;

/**
 * Who was heard when. A day of a client is one row of at most 360 bytes, of which a client has at most
 * {@value Uptime#MOST_DAYS}. Rows are written every five minutes and when the bundle stops, not at each
 * heartbeat, because flash memory wears; a crash can cost a client ten slots of 86,400. Thread-safe.
 */
final class Heartbeats {

    static final String BUCKET = "op.client.heard";

    private static final Logger LOG = System.getLogger("org.myclerk.op.client");
    private static final Duration WRITE_EVERY = Duration.ofMinutes(5);

    /** What the heartbeats of a client say of it, times in Unix seconds, 0 for never. */
    record Record(NodeClass nodeClass, int slots, long first, long last) {
    }

    private record Row(Bytes client, long day) {

        String key() {
            return client.toHex() + "." + day;
        }
    }

    private final Store store;
    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Bytes, Uptime> clients = new HashMap<>();
    private final Set<Row> changed = new HashSet<>();
    private final ReentrantLock writing = new ReentrantLock();
    private long written = System.nanoTime();

    Heartbeats(Store store, InstantSource clock) {
        this.store = store;
        this.clock = clock;
        for (Store.Entry entry : store.all(BUCKET)) {
            int dot = entry.key().indexOf('.');
            clients.computeIfAbsent(Bytes.ofHex(entry.key().substring(0, dot)), _ -> new Uptime())
                    .restore(Long.parseLong(entry.key().substring(dot + 1)), entry.value());
        }
    }

    private long now() {
        return clock.instant().getEpochSecond();
    }

    void heard(Bytes client) {
        boolean due;
        lock.lock();
        try {
            long now = now();
            Uptime uptime = clients.computeIfAbsent(client, _ -> new Uptime());
            if (uptime.mark(now)) {
                changed.add(new Row(client, Uptime.dayOf(now)));
            }
            uptime.forget(now).ifPresent(day -> changed.add(new Row(client, day)));
            due = System.nanoTime() - written >= WRITE_EVERY.toNanos();
        } finally {
            lock.unlock();
        }
        if (due) {
            write();
        }
    }

    /** Puts into the store what was heard since the last time. If that fails it is kept for the next time. */
    void write() {
        writing.lock();
        try {
            Set<Row> rows;
            List<Change> changes = new ArrayList<>();
            lock.lock();
            try {
                written = System.nanoTime();
                rows = Set.copyOf(changed);
                rows.forEach(row -> changes.add(change(row)));
                changed.clear();
            } finally {
                lock.unlock();
            }
            write(rows, changes);
        } finally {
            writing.unlock();
        }
    }

    private Change change(Row row) {
        return clients.get(row.client).stored(row.day)
                .<Change>map(slots -> new Change.Put(BUCKET, row.key(), slots))
                .orElseGet(() -> new Change.Remove(BUCKET, row.key()));
    }

    private void write(Set<Row> rows, List<Change> changes) {
        if (changes.isEmpty()) {
            return;
        }
        try {
            store.write(changes);
        } catch (StoreException failed) {
            LOG.log(Level.WARNING, "heartbeats are not recorded: {0}", failed.getMessage());
            lock.lock();
            try {
                changed.addAll(rows);
            } finally {
                lock.unlock();
            }
        }
    }

    Record of(Bytes client) {
        lock.lock();
        try {
            long now = now();
            Uptime uptime = clients.getOrDefault(client, new Uptime());
            return new Record(uptime.nodeClass(now), uptime.heard(now), uptime.first(), uptime.last(now));
        } finally {
            lock.unlock();
        }
    }
}
