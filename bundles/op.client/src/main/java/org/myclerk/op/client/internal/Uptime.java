package org.myclerk.op.client.internal;

import java.util.BitSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

import org.myclerk.api.payload.Bytes;
import org.myclerk.op.client.NodeClass;

/**
 * When one client was heard, in slots of 30 s, by days of UTC. A slot counts once, so neither repeated
 * heartbeats nor a clock that jumps make more of them; days are kept by their distance from today, so that a
 * wrong clock does not push out what is on record. Not thread-safe.
 */
final class Uptime {

    static final int SLOT_SECONDS = 30;

    /** 30 days of slots: what a class is computed from (§6.2.5). */
    static final int WINDOW = 86_400;

    /** A client is Core with more slots of {@link #WINDOW} than these: over 95 %. */
    static final int CORE_ABOVE = WINDOW / 100 * 95;

    static final int MOST_DAYS = 62;
    private static final int SLOTS_A_DAY = 2_880;

    private final NavigableMap<Long, BitSet> days = new TreeMap<>();

    private static long slot(long unixSeconds) {
        return Math.floorDiv(unixSeconds, SLOT_SECONDS);
    }

    private static long day(long slot) {
        return Math.floorDiv(slot, SLOTS_A_DAY);
    }

    /** Days since 1970. */
    static long dayOf(long unixSeconds) {
        return day(slot(unixSeconds));
    }

    /** @return whether the slot was not marked before */
    boolean mark(long unixSeconds) {
        long slot = slot(unixSeconds);
        BitSet heard = days.computeIfAbsent(day(slot), _ -> new BitSet(SLOTS_A_DAY));
        int inDay = Math.floorMod(slot, SLOTS_A_DAY);
        if (heard.get(inDay)) {
            return false;
        }
        heard.set(inDay);
        return true;
    }

    /**
     * Forgets the day farthest from now if more than {@link #MOST_DAYS} are on record.
     *
     * @return the day forgotten, if one was
     */
    OptionalLong forget(long unixSeconds) {
        if (days.size() <= MOST_DAYS) {
            return OptionalLong.empty();
        }
        long today = dayOf(unixSeconds);
        long farthest = today - days.firstKey() >= days.lastKey() - today ? days.firstKey() : days.lastKey();
        days.remove(farthest);
        return OptionalLong.of(farthest);
    }

    /** How many of the last {@link #WINDOW} slots were heard, the running one included. */
    int heard(long unixSeconds) {
        long last = slot(unixSeconds);
        long first = last - WINDOW + 1;
        int heard = 0;
        for (Map.Entry<Long, BitSet> day : days.subMap(day(first), true, day(last), true).entrySet()) {
            long begins = day.getKey() * SLOTS_A_DAY;
            heard += day.getValue().get((int) Math.max(0, first - begins),
                    (int) Math.min(SLOTS_A_DAY, last - begins + 1)).cardinality();
        }
        return heard;
    }

    /** Bonus until 30 days are on record. */
    NodeClass nodeClass(long unixSeconds) {
        boolean onRecord = !days.isEmpty() && first() <= unixSeconds - (long) WINDOW * SLOT_SECONDS;
        return onRecord && heard(unixSeconds) > CORE_ABOVE ? NodeClass.CORE : NodeClass.BONUS;
    }

    /** Beginning of the first slot on record, in Unix seconds; 0 if nothing is. */
    long first() {
        Map.Entry<Long, BitSet> day = days.firstEntry();
        return day == null ? 0 : seconds(day.getKey(), day.getValue().nextSetBit(0));
    }

    /**
     * Beginning of the last slot on record that is not in the future, in Unix seconds; 0 if there is none.
     */
    long last(long unixSeconds) {
        long now = slot(unixSeconds);
        for (Map.Entry<Long, BitSet> day : days.headMap(day(now), true).descendingMap().entrySet()) {
            int last = day.getValue().previousSetBit((int) Math.min(SLOTS_A_DAY - 1,
                    now - day.getKey() * SLOTS_A_DAY));
            if (last >= 0) {
                return seconds(day.getKey(), last);
            }
        }
        return 0;
    }

    private static long seconds(long day, int slot) {
        return (day * SLOTS_A_DAY + slot) * SLOT_SECONDS;
    }

    /** The slots of a day as they are stored; empty if the day is not on record. */
    Optional<Bytes> stored(long day) {
        return Optional.ofNullable(days.get(day)).map(heard -> Bytes.wrap(heard.toByteArray()));
    }

    /** Takes in a day that was stored; one that is empty or too long is damaged and left out. */
    void restore(long day, Bytes slots) {
        BitSet heard = BitSet.valueOf(slots.asBuffer());
        if (!heard.isEmpty() && heard.length() <= SLOTS_A_DAY) {
            days.put(day, heard);
        }
    }
}
