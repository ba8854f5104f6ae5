package org.myclerk.runtime.cli;

import java.time.Duration;
import java.time.Instant;

/** Says times as people do. */
final class When {

    private When() {
    }

    /** {@code 3 min}, {@code 2 h}, {@code 12 d}: how long between two moments, rounded down. */
    static String between(Instant from, Instant to) {
        Duration time = Duration.between(from, to);
        if (time.isNegative()) {
            return "0 s";
        }
        if (time.toMinutes() == 0) {
            return time.toSeconds() + " s";
        }
        if (time.toHours() == 0) {
            return time.toMinutes() + " min";
        }
        return time.toDays() < 2 ? time.toHours() + " h" : time.toDays() + " d";
    }

    /** When something was last seen. */
    static String ago(long unixSeconds) {
        return unixSeconds == 0 ? "never"
                : between(Instant.ofEpochSecond(unixSeconds), Instant.now()) + " ago";
    }

    /** A date and time to the minute, in UTC. */
    static String date(long unixSeconds) {
        return Instant.ofEpochSecond(unixSeconds).toString().replaceAll(":\\d\\dZ$", "Z").replace('T', ' ');
    }
}
