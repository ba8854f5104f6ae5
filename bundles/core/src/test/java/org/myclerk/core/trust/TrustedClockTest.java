package org.myclerk.core.trust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.myclerk.core.trust.TestNode.DAY;
import static org.myclerk.core.trust.TestNode.NOW;

import org.junit.jupiter.api.Test;
import org.myclerk.api.payload.Bytes;

class TrustedClockTest {

    private final MemoryStore store = new MemoryStore();
    private final TrustedClock clock = new TrustedClock(store);

    private static void run(TrustedClock clock, long from, long seconds) {
        for (long now = from; now <= from + seconds; now += 300) {
            clock.observe(now);
        }
    }

    @Test
    void believesAClockAfterTheBeginningOf2026() {
        assertTrue(clock.suspicious(TrustedClock.EARLIEST - 1));
        assertEquals(TrustedClock.EARLIEST, clock.certain(0));
        assertFalse(clock.suspicious(TrustedClock.EARLIEST));
        assertEquals(NOW, clock.certain(NOW));
    }

    @Test
    void widensTheToleranceUntilTheClockIsSet() {
        assertEquals(TrustedClock.ANY, clock.tolerance(0));
        assertEquals(300, clock.tolerance(NOW));
    }

    @Test
    void knowsFromTheCertificateThatItIsNotEarlier() {
        clock.within(NOW, NOW + 365 * DAY);
        assertFalse(clock.suspicious(NOW - 300));
        assertTrue(clock.suspicious(NOW - 301));
        assertEquals(NOW, clock.certain(NOW - DAY));
    }

    @Test
    void remembersTheTimeOverARestart() {
        clock.within(NOW, NOW + 365 * DAY);
        run(clock, NOW + DAY, 1200);
        clock.flush();
        TrustedClock restarted = new TrustedClock(store);
        restarted.within(NOW, NOW + 365 * DAY);
        assertTrue(restarted.suspicious(NOW + DAY / 2));
        assertTrue(restarted.certain(0) >= NOW + DAY + 600, () -> "bound " + restarted.certain(0));
    }

    @Test
    void forgetsABoundThatEvidenceContradicts() {
        clock.within(NOW - DAY, NOW + 365 * DAY);
        run(clock, NOW + DAY, 1200);
        assertTrue(clock.suspicious(NOW));
        clock.proven(NOW);
        assertEquals(NOW, clock.certain(NOW));
        assertFalse(clock.suspicious(NOW));
        clock.proven(NOW + 10 * DAY);
        assertEquals(NOW, clock.certain(NOW), "evidence alone lifts no bound");
        clock.flush();
        assertFalse(new TrustedClock(store).suspicious(NOW));
    }

    @Test
    void writesAtMostEveryTenMinutes() {
        clock.within(NOW, NOW + 365 * DAY);
        for (long now = NOW; now <= NOW + 6000; now++) {
            clock.observe(now);
            clock.flush();
        }
        assertEquals(10, store.writes);
    }

    @Test
    void forgetsAClockThatRanAheadForAShortTime() {
        clock.within(NOW, NOW + 365 * DAY);
        run(clock, NOW + 300 * DAY, DAY);
        assertFalse(clock.suspicious(NOW + DAY));
        run(clock, NOW + 2000 * DAY, 8 * DAY);
        assertFalse(clock.suspicious(NOW + DAY), "beyond the certificate");
    }

    @Test
    void believesALeapAfterAWeek() {
        clock.within(NOW, NOW + 365 * DAY);
        run(clock, NOW + 60 * DAY, 8 * DAY);
        assertTrue(clock.bound() >= NOW + 67 * DAY);
    }

    @Test
    void startsItsProofAnewWhenTheClockJumps() {
        clock.within(NOW, NOW + 365 * DAY);
        clock.observe(NOW + 1000);
        clock.observe(NOW + DAY);
        clock.observe(NOW + DAY + 300);
        clock.observe(NOW + DAY);
        clock.observe(NOW + DAY + 500);
        assertEquals(NOW, clock.bound());
        clock.observe(NOW + DAY + 600);
        assertEquals(NOW + DAY + 600, clock.bound());
    }

    @Test
    void warnsOnceAndGivesTheAllClearOnce() {
        try (RecordedLog log = new RecordedLog()) {
            clock.observe(NOW);
            clock.observe(100);
            clock.observe(400);
            clock.observe(700);
            assertEquals(1, log.lines().size());
            assertEquals(1, log.lines("WARNING the clock says 1970-01-01T00:01:40Z").size());
            clock.observe(NOW);
            clock.observe(NOW + 300);
            assertEquals(2, log.lines().size());
            assertEquals(1, log.lines("INFO the clock is right again").size());
        }
    }

    @Test
    void startsAnewWhenItsEntryIsDamaged() {
        store.put("core.clock", "bound", Bytes.wrap((byte) 1));
        assertEquals(TrustedClock.EARLIEST, new TrustedClock(store).bound());
    }
}
