package org.myclerk.op.client.internal;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A clock that goes when the test says so, back as well. Thread-safe. */
final class ManualClock implements InstantSource {

    private volatile Instant now;

    ManualClock(long unixSeconds) {
        now = Instant.ofEpochSecond(unixSeconds);
    }

    void move(Duration by) {
        now = now.plus(by);
    }

    @Override
    public Instant instant() {
        return now;
    }
}
