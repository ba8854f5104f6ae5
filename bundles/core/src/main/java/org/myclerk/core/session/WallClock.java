package org.myclerk.core.session;

/**
 * What time a node believes it is. Timers of a session run on the monotonic milliseconds that each call
 * brings; this clock only dates frames and certificates, so that setting it ends no session. Thread-safe.
 */
public interface WallClock {

    /** Unix seconds. */
    long unixSeconds();

    /**
     * How far a peer's time may be off, in seconds: the limit, or more at a node whose clock is not set
     * (profile §15).
     *
     * @param limit of the settings, 300 by default
     */
    default long toleranceSeconds(long limit) {
        return limit;
    }
}
