package org.myclerk.core.trust;

import java.lang.System.Logger.Level;
import java.time.Instant;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.PayloadCodec;
import org.myclerk.api.payload.Range;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.store.Store;

/**
 * A lower bound of the time, for nodes whose clock may be wrong (profile §15). It never lies before 2026, nor
 * before the node's own certificate began; while the clock runs steadily it follows it, written every ten
 * minutes. So that a clock that once ran ahead does no lasting harm, it follows a jump of more than 30 days
 * only after a week, and never past the end of that certificate. Thread-safe; never blocks.
 */
public final class TrustedClock {

    /** 2026-01-01T00:00:00Z. */
    public static final long EARLIEST = 1_767_225_600L;

    /** Seconds by which timestamps may differ while the clock is believed. */
    public static final int TOLERANCE = 300;

    /** Seconds by which timestamps may differ while it is not: any. */
    public static final int ANY = Integer.MAX_VALUE;

    /** Seconds between two writes, and for which the clock must have run steadily before one. */
    static final long STEADY = 600;

    /** Seconds ahead of the bound from which on a clock is believed only after {@link #PROOF}. */
    static final long LEAP = 30 * 86_400L;

    /** Seconds for which a clock must have run steadily after a leap. */
    static final long PROOF = 7 * 86_400L;

    private static final System.Logger LOG = System.getLogger("org.myclerk.core");
    private static final String BUCKET = "core.clock";
    private static final String KEY = "bound";
    private static final PayloadCodec<Bound> CODEC = PayloadCodec.of(Bound.class);

    /** The stored bound, in Unix seconds. */
    public record Bound(@Range long seconds) {
    }

    private final WriteBehind writer;
    private long stored;
    private long notBefore = EARLIEST;
    private long notAfter = Long.MAX_VALUE;
    private long steadySince;
    private long last;
    private boolean warned;

    public TrustedClock(Store store) {
        writer = new WriteBehind(store);
        stored = store.get(BUCKET, KEY).map(TrustedClock::read).orElse(0L);
    }

    private static long read(Bytes encoded) {
        try {
            return Maps.read(CODEC, encoded, "clock").seconds;
        } catch (Malformed damaged) {
            return 0;
        }
    }

    /** The bounds that the node's own certificate gives. */
    synchronized void within(long notBefore, long notAfter) {
        this.notBefore = Math.max(EARLIEST, notBefore);
        this.notAfter = notAfter;
    }

    /**
     * A time for which there is evidence: a bound after it came from a clock that ran ahead, and is
     * forgotten.
     */
    void proven(long now) {
        synchronized (this) {
            if (stored <= now) {
                return;
            }
            stored = now;
        }
        writer.put(BUCKET, KEY, Maps.write(CODEC, new Bound(now)));
    }

    /** Unix seconds; it is certainly not earlier. */
    synchronized long bound() {
        return Math.max(notBefore, Math.min(stored, notAfter));
    }

    /** The later of the system's time and the bound. */
    public synchronized long certain(long now) {
        return Math.max(now, bound());
    }

    /** Whether the system's clock is behind the bound by more than the tolerance, or before 2026. */
    public synchronized boolean suspicious(long now) {
        return now < EARLIEST || now < bound() - TOLERANCE;
    }

    /** How far a peer's timestamp may lie from this node's time now, in seconds. */
    public int tolerance(long now) {
        return suspicious(now) ? ANY : TOLERANCE;
    }

    /**
     * To be told the system's time at start and at least every five minutes: follows it, warns, gives the
     * all-clear.
     */
    public void observe(long now) {
        boolean wrong;
        boolean news;
        long bound;
        synchronized (this) {
            wrong = suspicious(now);
            news = wrong != warned;
            warned = wrong;
            if (wrong || now < last || now - last > STEADY) {
                steadySince = now;
            }
            last = now;
            bound = bound();
            long proof = now - bound > LEAP ? PROOF : STEADY;
            if (!wrong && now <= notAfter && now - steadySince >= proof && now - bound >= STEADY) {
                stored = now;
                writer.put(BUCKET, KEY, Maps.write(CODEC, new Bound(now)));
            }
        }
        if (news && wrong) {
            LOG.log(Level.WARNING, "the clock says {0}, but it is after {1}; the node goes on, set the clock",
                    Instant.ofEpochSecond(now), Instant.ofEpochSecond(bound));
        } else if (news) {
            LOG.log(Level.INFO, "the clock is right again: {0}", Instant.ofEpochSecond(now));
        }
    }

    /** Waits until the bound is durable. */
    void flush() {
        writer.flush();
    }
}
