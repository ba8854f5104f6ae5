package org.myclerk.devices;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

import org.myclerk.api.guard.Grant;
import org.myclerk.api.guard.Weekly;

/**
 * A grant with the time zone that it is meant in. It is in force while a clock on the wall there shows one of
 * its times: in the hour that a change of the clocks leaves out never, in the one it repeats twice.
 */
final class Rule {

    private final Grant grant;
    private final ZoneId zone;
    private final boolean timed;
    private volatile Span span = new Span(false, 0, 0);

    /** The answer to whether it is in force, for the seconds in [from, until). */
    private record Span(boolean inForce, long from, long until) {
    }

    Rule(Grant grant, ZoneId zone) {
        this.grant = grant;
        this.zone = zone;
        this.timed = grant.timed();
    }

    Grant grant() {
        return grant;
    }

    /** @param now Unix seconds */
    boolean inForce(long now) {
        return !timed || at(now).inForce;
    }

    /** @param now gives Unix seconds; asked only if that matters */
    boolean inForce(LongSupplier now) {
        return !timed || at(now.getAsLong()).inForce;
    }

    /** When the answer of {@link #inForce} may change next; empty if it never does. */
    OptionalLong changes(long now) {
        if (!timed) {
            return OptionalLong.empty();
        }
        long until = at(now).until;
        return until == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(until);
    }

    private Span at(long now) {
        Span known = span;
        if (now < known.from || now >= known.until) {
            known = compute(now);
            span = known;
        }
        return known;
    }

    private Span compute(long now) {
        long from = grant.from().orElse(Long.MIN_VALUE);
        long until = grant.until().orElse(Long.MAX_VALUE);
        if (now >= until) {
            return new Span(false, now, Long.MAX_VALUE);
        }
        if (now < from) {
            return new Span(false, now, from);
        }
        if (grant.when().isEmpty()) {
            return new Span(true, now, until);
        }
        ZonedDateTime here = Instant.ofEpochSecond(now).atZone(zone);
        boolean shows = grant.when().stream().anyMatch(weekly -> shows(weekly, here));
        return new Span(shows, now, Math.min(until, nextEdge(now, here)));
    }

    private static boolean shows(Weekly weekly, ZonedDateTime here) {
        int minute = here.getHour() * 60 + here.getMinute();
        if (!weekly.overnight()) {
            return weekly.on(here.getDayOfWeek()) && minute >= weekly.start() && minute < weekly.end();
        }
        return weekly.on(here.getDayOfWeek()) && minute >= weekly.start()
                || weekly.on(here.getDayOfWeek().minus(1)) && minute < weekly.end();
    }

    /** The first second after now at which a span may begin or end, or the clocks change. */
    private long nextEdge(long now, ZonedDateTime here) {
        ZoneRules rules = zone.getRules();
        ZoneOffsetTransition change = rules.nextTransition(here.toInstant());
        long next = change == null ? Long.MAX_VALUE : change.toEpochSecond();
        for (int day = -1; day <= 8; day++) {
            LocalDate date = here.toLocalDate().plusDays(day);
            for (Weekly weekly : grant.when()) {
                if (weekly.on(date.getDayOfWeek())) {
                    LocalDateTime midnight = date.atStartOfDay();
                    next = Math.min(next, after(now, midnight.plusMinutes(weekly.start()), rules));
                    next = Math.min(next, after(now, midnight.plusMinutes(weekly.end())
                            .plusDays(weekly.overnight() ? 1 : 0), rules));
                }
            }
        }
        return next;
    }

    /**
     * The first second after now at which a clock on the wall shows that; a change of the clocks is an edge
     * itself.
     */
    private static long after(long now, LocalDateTime local, ZoneRules rules) {
        long first = Long.MAX_VALUE;
        for (ZoneOffset offset : rules.getValidOffsets(local)) {
            long second = local.toEpochSecond(offset);
            if (second > now) {
                first = Math.min(first, second);
            }
        }
        return first;
    }
}
