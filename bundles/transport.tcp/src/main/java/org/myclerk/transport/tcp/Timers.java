package org.myclerk.transport.tcp;

import java.util.Arrays;

import org.myclerk.api.transport.Link;

/**
 * The timers of one loop: a binary heap by deadline whose entries know their place, so that cancelling is
 * cheap.
 */
final class Timers {

    private Entry[] heap = new Entry[16];
    private int size;

    /** A task and its time; {@code link} is {@code null} for the loop's own. */
    static final class Entry implements Link.Timer {

        final TcpLink link;
        final Runnable task;
        private final Loop loop;
        private final long deadline;
        private int place = -1;
        private volatile boolean cancelled;
        /** Neighbours in the list of the link's timers. */
        Entry previous;
        Entry next;

        Entry(Loop loop, TcpLink link, long deadline, Runnable task) {
            this.loop = loop;
            this.link = link;
            this.deadline = deadline;
            this.task = task;
        }

        boolean cancelled() {
            return cancelled;
        }

        @Override
        public void cancel() {
            cancelled = true;
            loop.disarm(this);
        }
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** Nanoseconds until the first is due, 0 or less if it is. There must be one. */
    long untilDue(long now) {
        return heap[0].deadline - now;
    }

    /** Takes the first out if it is due, else {@code null}. */
    Entry due(long now) {
        if (size == 0 || heap[0].deadline - now > 0) {
            return null;
        }
        Entry first = heap[0];
        remove(first);
        return first;
    }

    void add(Entry entry) {
        if (size == heap.length) {
            heap = Arrays.copyOf(heap, size * 2);
        }
        up(size++, entry);
    }

    /** Harmless if it is not here. */
    void remove(Entry entry) {
        int place = entry.place;
        if (place < 0) {
            return;
        }
        entry.place = -1;
        Entry last = heap[--size];
        heap[size] = null;
        if (last != entry) {
            down(place, last);
            if (heap[place] == last) {
                up(place, last);
            }
        }
    }

    private void up(int from, Entry entry) {
        int place = from;
        while (place > 0) {
            int parent = (place - 1) >>> 1;
            if (heap[parent].deadline - entry.deadline <= 0) {
                break;
            }
            put(place, heap[parent]);
            place = parent;
        }
        put(place, entry);
    }

    private void down(int from, Entry entry) {
        int place = from;
        for (int child = 2 * place + 1; child < size; child = 2 * place + 1) {
            if (child + 1 < size && heap[child + 1].deadline - heap[child].deadline < 0) {
                child++;
            }
            if (heap[child].deadline - entry.deadline >= 0) {
                break;
            }
            put(place, heap[child]);
            place = child;
        }
        put(place, entry);
    }

    private void put(int place, Entry entry) {
        heap[place] = entry;
        entry.place = place;
    }
}
