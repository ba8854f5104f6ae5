package org.myclerk.devices;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.myclerk.api.guard.AccessMode;
import org.myclerk.api.guard.Grant;
import org.myclerk.api.guard.Subject;
import org.myclerk.api.guard.Weekly;

class RuleTest {

    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    private static Rule rule(String when) {
        return new Rule(new Grant("lamp", Subject.role("child"), AccessMode.READ_WRITE, Weekly.parse(when),
                Optional.empty(), Optional.empty()), BERLIN);
    }

    /** Each second at which the answer changes, in UTC, as the rule itself says when to look again. */
    private static List<String> edges(Rule rule, String from, String to) {
        List<String> edges = new ArrayList<>();
        long end = Instant.parse(to).getEpochSecond();
        long now = Instant.parse(from).getEpochSecond();
        boolean before = rule.inForce(now);
        for (OptionalLong next = rule.changes(now); next.isPresent() && next.getAsLong() <= end;
                next = rule.changes(next.getAsLong())) {
            now = next.getAsLong();
            if (rule.inForce(now) != before) {
                before = !before;
                edges.add((before ? "+" : "-") + Instant.ofEpochSecond(now));
            }
        }
        return edges;
    }

    @ParameterizedTest
    @CsvSource({
        "Sat 14:00-18:00, 2026-11-28T13:59:59, false", "Sat 14:00-18:00, 2026-11-28T14:00:00, true",
        "Sat 14:00-18:00, 2026-11-28T17:59:59, true", "Sat 14:00-18:00, 2026-11-28T18:00:00, false",
        "Sat 14:00-18:00, 2026-11-29T15:00:00, false",
        "Fri 22:00-02:00, 2026-11-27T23:00:00, true", "Fri 22:00-02:00, 2026-11-28T01:59:59, true",
        "Fri 22:00-02:00, 2026-11-28T02:00:00, false", "Fri 22:00-02:00, 2026-11-27T01:00:00, false",
        "daily 0:00-24:00, 2026-11-27T00:00:00, true"})
    void isInForceWhileTheWallClockShowsIt(String when, String local, boolean inForce) {
        assertEquals(inForce, rule(when).inForce(LocalDateTime.parse(local).atZone(BERLIN).toEpochSecond()));
    }

    @Test
    void keepsItsWallClockTimesWhenSummerTimeBegins() {
        assertEquals(List.of("+2026-03-21T13:00:00Z", "-2026-03-21T17:00:00Z", "+2026-03-28T13:00:00Z",
                "-2026-03-28T17:00:00Z", "+2026-04-04T12:00:00Z", "-2026-04-04T16:00:00Z"),
                edges(rule("Sat 14:00-18:00"), "2026-03-20T00:00:00Z", "2026-04-05T00:00:00Z"));
        // On 29 March 2026 the clocks go from 02:00 to 03:00: the first span is never shown, the second is
        // cut.
        assertEquals(List.of(), edges(rule("Sun 2:10-2:50"), "2026-03-28T12:00:00Z", "2026-03-30T00:00:00Z"));
        assertEquals(List.of("+2026-03-29T01:00:00Z", "-2026-03-29T02:00:00Z"),
                edges(rule("Sun 2:30-4:00"), "2026-03-28T12:00:00Z", "2026-03-30T00:00:00Z"));
        assertEquals(List.of("+2026-03-29T00:30:00Z", "-2026-03-29T01:30:00Z"),
                edges(rule("Sun 1:30-3:30"), "2026-03-28T12:00:00Z", "2026-03-30T00:00:00Z"));
    }

    @Test
    void keepsItsWallClockTimesWhenSummerTimeEnds() {
        assertEquals(List.of("+2026-10-24T12:00:00Z", "-2026-10-24T16:00:00Z", "+2026-10-31T13:00:00Z",
                "-2026-10-31T17:00:00Z"),
                edges(rule("Sat 14:00-18:00"), "2026-10-23T00:00:00Z", "2026-11-01T00:00:00Z"));
        // On 25 October 2026 the clocks go from 03:00 back to 02:00: what lies in that hour is shown twice.
        assertEquals(List.of("+2026-10-25T00:10:00Z", "-2026-10-25T00:50:00Z", "+2026-10-25T01:10:00Z",
                "-2026-10-25T01:50:00Z"),
                edges(rule("Sun 2:10-2:50"), "2026-10-24T12:00:00Z", "2026-10-26T00:00:00Z"));
        assertEquals(List.of("+2026-10-24T23:30:00Z", "-2026-10-25T02:30:00Z"),
                edges(rule("Sun 1:30-3:30"), "2026-10-24T12:00:00Z", "2026-10-26T00:00:00Z"));
    }

    /**
     * The remembered answers are the same as those of one that remembers nothing, at random moments of a
     * year.
     */
    @Test
    void answersTheSameWhateverItWasAskedBefore() {
        Random random = new Random(4);
        String[] times = {"Sat 14:00-18:00", "daily 22:00-02:00", "Sun 2:10-2:50",
                "Mon-Fri 8-12, Sun 23:59-0:01",
            "daily 0:00-24:00"};
        long start = Instant.parse("2026-01-01T00:00:00Z").getEpochSecond();
        for (String when : times) {
            Rule remembers = rule(when);
            long now = start;
            for (int i = 0; i < 20_000; i++) {
                now = random.nextInt(10) == 0 ? start + random.nextInt(366 * 86_400)
                        : now + random.nextInt(5_000);
                assertEquals(rule(when).inForce(now), remembers.inForce(now), when + " at " + now);
            }
        }
    }

    @Test
    void beginsAndEndsOnce() {
        long from = Instant.parse("2026-11-28T13:00:00Z").getEpochSecond();
        Rule rule = new Rule(new Grant("lamp", Subject.role("guest"), AccessMode.READ_ONLY, List.of(),
                Optional.of(from), Optional.of(from + 60)), BERLIN);
        assertFalse(rule.inForce(from - 1));
        assertEquals(OptionalLong.of(from), rule.changes(from - 1));
        assertTrue(rule.inForce(from));
        assertEquals(OptionalLong.of(from + 60), rule.changes(from));
        assertFalse(rule.inForce(from + 60));
        assertEquals(OptionalLong.empty(), rule.changes(from + 60));
        assertTrue(rule.inForce(from + 59), "and follows a clock that is set back");
    }
}
