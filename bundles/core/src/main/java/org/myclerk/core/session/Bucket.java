package org.myclerk.core.session;

/** Tokens that come back with time. Not thread-safe. */
final class Bucket {

    private final int size;
    private final double perMillisecond;
    private double tokens;
    private long at;
    private boolean begun;

    /** @param size how many there are at once, and how many come back in {@code seconds} */
    Bucket(int size, long seconds) {
        this.size = size;
        this.perMillisecond = size / (1000.0 * seconds);
        this.tokens = size;
    }

    boolean full(long now) {
        refill(now);
        return tokens >= size;
    }

    boolean has(long now) {
        refill(now);
        return tokens >= 1;
    }

    void take() {
        tokens--;
    }

    private void refill(long now) {
        if (!begun) {
            begun = true;
            at = now;
        } else if (now > at) {
            tokens = Math.min(size, tokens + (now - at) * perMillisecond);
            at = now;
        }
    }
}
