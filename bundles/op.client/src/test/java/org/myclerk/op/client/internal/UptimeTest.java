package org.myclerk.op.client.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.OptionalLong;

import org.junit.jupiter.api.Test;
import org.myclerk.api.payload.Bytes;
import org.myclerk.op.client.NodeClass;

class UptimeTest {

    private static final long START = Instant.parse("2026-03-01T17:12:40Z").getEpochSecond();
    private static final long DAY = 86_400;

    private final Uptime uptime = new Uptime();

    /** Marks every slot from one moment to before another. */
    private void hear(long from, long to) {
        for (long at = from; at < to; at += Uptime.SLOT_SECONDS) {
            uptime.mark(at);
        }
    }

    @Test
    void countsASlotOnceHoweverOftenItIsHeard() {
        assertTrue(uptime.mark(START));
        assertFalse(uptime.mark(START));
        assertFalse(uptime.mark(START + 19), "17:12:30 to 17:12:59 is one slot");
        assertTrue(uptime.mark(START + 20));
        assertEquals(2, uptime.heard(START + 20));
    }

    @Test
    void countsTheLastThirtyDaysToTheSlot() {
        hear(START, START + 31 * DAY);
        long now = START + 31 * DAY - Uptime.SLOT_SECONDS;
        assertEquals(Uptime.WINDOW, uptime.heard(now));
        assertEquals(Uptime.WINDOW - 1, uptime.heard(now + Uptime.SLOT_SECONDS));
        assertEquals(Uptime.WINDOW - 2 * 60 * 24, uptime.heard(now + DAY));
        assertEquals(0, uptime.heard(now + 30 * DAY));
        assertEquals(1, uptime.heard(START), "what lies in the future does not count");
    }

    @Test
    void isBonusUntilThirtyDaysAreOnRecord() {
        hear(START, START + 30 * DAY);
        assertEquals(NodeClass.BONUS, uptime.nodeClass(START + 30 * DAY - 41),
                "17:12:30 is where the record begins");
        assertEquals(NodeClass.CORE, uptime.nodeClass(START + 30 * DAY));
        assertEquals(NodeClass.BONUS, new Uptime().nodeClass(START));
    }

    @Test
    void isCoreAboveNinetyFivePercentAndNotAtThem() {
        long now = START + 31 * DAY;
        uptime.mark(START);
        hear(now - Uptime.CORE_ABOVE * 30L + 30, now + 1);
        assertEquals(Uptime.CORE_ABOVE, uptime.heard(now));
        assertEquals(NodeClass.BONUS, uptime.nodeClass(now));
        uptime.mark(now - Uptime.CORE_ABOVE * 30L);
        assertEquals(Uptime.CORE_ABOVE + 1, uptime.heard(now));
        assertEquals(NodeClass.CORE, uptime.nodeClass(now));
    }

    @Test
    void losesNothingToAClockThatJumpsAndComesBack() {
        hear(START, START + 31 * DAY);
        long now = START + 31 * DAY;
        int before = uptime.heard(now);
        for (long jump : new long[] {0, 5 * DAY, now + 1000 * DAY, now + 365_000 * DAY}) {
            uptime.mark(jump);
            assertEquals(OptionalLong.empty(), uptime.forget(jump));
        }
        hear(now - 10 * DAY, now);
        assertEquals(before, uptime.heard(now), "a slot that comes again does not count again");
        assertEquals(NodeClass.CORE, uptime.nodeClass(now));
        assertEquals(now - 40, uptime.last(now), "the slot of 17:12:00");
    }

    @Test
    void keepsTheDaysNearestToToday() {
        for (int day = 0; day < Uptime.MOST_DAYS; day++) {
            uptime.mark(START + day * DAY);
        }
        uptime.mark(START + 10_000 * DAY);
        long today = START + (Uptime.MOST_DAYS - 1) * DAY;
        assertEquals(OptionalLong.of(Uptime.dayOf(START + 10_000 * DAY)), uptime.forget(today));
        uptime.mark(today + DAY);
        assertEquals(OptionalLong.of(Uptime.dayOf(START)), uptime.forget(today + DAY));
        assertEquals(OptionalLong.empty(), uptime.forget(today + DAY));
    }

    @Test
    void tellsTheFirstAndTheLastTime() {
        assertEquals(0, uptime.first());
        assertEquals(0, uptime.last(START));
        hear(START, START + 3 * DAY);
        assertEquals(START - 10, uptime.first());
        assertEquals(START - 10 + DAY, uptime.last(START + DAY));
        assertEquals(0, uptime.last(START - DAY));
    }

    @Test
    void comesBackFromTheStoreAsItWas() {
        hear(START, START + DAY);
        Uptime restored = new Uptime();
        for (long at = START; at <= START + DAY; at += DAY) {
            restored.restore(Uptime.dayOf(at), uptime.stored(Uptime.dayOf(at)).orElseThrow());
        }
        assertEquals(uptime.heard(START + DAY), restored.heard(START + DAY));
        assertEquals(uptime.first(), restored.first());
        assertTrue(uptime.stored(0).isEmpty());
    }

    @Test
    void leavesOutADayThatIsDamaged() {
        uptime.restore(1, Bytes.EMPTY);
        uptime.restore(2, Bytes.wrap(new byte[360]));
        byte[] tooLong = new byte[361];
        tooLong[360] = 1;
        uptime.restore(3, Bytes.wrap(tooLong));
        assertEquals(0, uptime.first());
    }
}
