package org.myclerk.devices;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDateTime;
import java.time.ZoneId;

/** Shows the time that the test sets. */
final class ManualClock implements InstantSource {

    private volatile Instant now;

    ManualClock(String local, ZoneId zone) {
        set(local, zone);
    }

    void set(String local, ZoneId zone) {
        now = LocalDateTime.parse(local).atZone(zone).toInstant();
    }

    void pass(Duration time) {
        now = now.plus(time);
    }

    @Override
    public Instant instant() {
        return now;
    }
}
