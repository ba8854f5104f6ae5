package org.myclerk.core.dispatch;

import java.util.ArrayList;
import java.util.List;

/**
 * Values by request id, without an object for the id or the entry. Ids that are open together are mostly
 * neighbours, so each has a place of its own. Not thread-safe.
 */
final class RidTable<V> {

    /** Of every table in which nothing was ever put; nothing is put into them either. */
    private static final long[] NO_RIDS = new long[1];
    private static final Object[] NO_VALUES = new Object[1];

    private long[] rids = NO_RIDS;
    private Object[] values = NO_VALUES;
    private int size;

    /** Where the id stands, or the free place where it would. */
    private int place(long rid) {
        int mask = rids.length - 1;
        int at = (int) rid & mask;
        while (values[at] != null && rids[at] != rid) {
            at = at + 1 & mask;
        }
        return at;
    }

    /** @param rid one that is not in the table */
    void put(long rid, V value) {
        if (2 * (size + 1) > rids.length) {
            grow();
        }
        int at = place(rid);
        rids[at] = rid;
        values[at] = value;
        size++;
    }

    private void grow() {
        long[] oldRids = rids;
        Object[] oldValues = values;
        rids = new long[2 * oldRids.length];
        values = new Object[rids.length];
        for (int i = 0; i < oldRids.length; i++) {
            if (oldValues[i] != null) {
                int at = place(oldRids[i]);
                rids[at] = oldRids[i];
                values[at] = oldValues[i];
            }
        }
    }

    /** The value of an id, or {@code null}. */
    @SuppressWarnings("unchecked")
    V get(long rid) {
        return (V) values[place(rid)];
    }

    /** Removes the id if it has that very value. */
    boolean remove(long rid, V value) {
        int at = place(rid);
        if (values[at] != value || value == null) {
            return false;
        }
        size--;
        int mask = rids.length - 1;
        int hole = at;
        for (int next = hole + 1 & mask; values[next] != null; next = next + 1 & mask) {
            // Whoever did not get the place it wanted moves up, unless that lies behind the hole.
            int wanted = (int) rids[next] & mask;
            if ((next - wanted & mask) >= (next - hole & mask)) {
                rids[hole] = rids[next];
                values[hole] = values[next];
                hole = next;
            }
        }
        values[hole] = null;
        return true;
    }

    boolean isEmpty() {
        return size == 0;
    }

    int size() {
        return size;
    }

    /** What is in the table now. */
    List<Entry<V>> entries() {
        List<Entry<V>> entries = new ArrayList<>(size);
        for (int i = 0; i < rids.length; i++) {
            if (values[i] != null) {
                @SuppressWarnings("unchecked")
                V value = (V) values[i];
                entries.add(new Entry<>(rids[i], value));
            }
        }
        return entries;
    }

    /** An id and its value. */
    record Entry<V>(long rid, V value) {
    }
}
