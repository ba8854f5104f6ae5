package org.myclerk.core.session;

import java.time.Duration;

/**
 * The limits of profile §18 and the times of §11-§15.
 *
 * @param halfOpen handshakes of a responder that have not ended
 * @param halfOpenPerAddress the same, per network address (IPv6: /64)
 * @param handshake how long a handshake may take on an ordered transport, and at the responder on any
 * @param handshakeUnordered how long an initiator repeats itself on an unordered transport
 * @param handshakesPerSecond new handshakes in all; also the most at once
 * @param handshakesPerSecondAndAddress the same, per network address
 * @param sessions of a node that others started
 * @param sessionsPerNode of those, from one node
 * @param aeadFailures of one session on an unordered transport before it closes
 * @param requests outstanding requests of one session (§6); the call layer counts them
 * @param idle a session without messages, and that nothing holds, ends after this
 * @param skewSeconds how far a peer's clock may be off
 * @param rotateAfter age of the keys that makes a rotation due
 * @param rotateAtCounter number of frames under one key that makes a rotation due
 * @param ticketLifetime at most a day
 */
public record Limits(int halfOpen, int halfOpenPerAddress, Duration handshake, Duration handshakeUnordered,
        int handshakesPerSecond, int handshakesPerSecondAndAddress, int sessions, int sessionsPerNode,
        long aeadFailures, int requests, Duration idle, long skewSeconds, Duration rotateAfter,
        long rotateAtCounter,
        Duration ticketLifetime) {

    private static final Duration DAY = Duration.ofHours(24);

    public static final Limits DEFAULT = new Limits(256, 16, Duration.ofSeconds(10), Duration.ofSeconds(30),
            200, 20, 4096, 16, 1 << 20, 256, Duration.ofMinutes(15), 300, Duration.ofHours(24), 1L << 31,
            Duration.ofHours(24));

    /**
     * @throws IllegalArgumentException if a limit is not positive, or one that the profile fixes is exceeded
     */
    public Limits {
        if (halfOpen < 1 || halfOpenPerAddress < 1 || handshakesPerSecond < 1
                || handshakesPerSecondAndAddress < 1
                || sessions < 1 || sessionsPerNode < 1 || aeadFailures < 1 || requests < 1 || skewSeconds < 1
                || handshake.isNegative() || handshakeUnordered.isNegative() || idle.isNegative()) {
            throw new IllegalArgumentException("every limit is at least 1");
        }
        if (ticketLifetime.isNegative() || ticketLifetime.compareTo(DAY) > 0) {
            throw new IllegalArgumentException("a ticket lives at most a day");
        }
        if (rotateAfter.compareTo(DAY) > 0 || rotateAtCounter < 1 || rotateAtCounter > 1L << 31) {
            throw new IllegalArgumentException("keys rotate after a day or 2^31 frames at the latest");
        }
    }

    public Limits withHandshakes(int perSecond, int perSecondAndAddress) {
        return new Limits(halfOpen, halfOpenPerAddress, handshake, handshakeUnordered, perSecond,
                perSecondAndAddress,
                sessions, sessionsPerNode, aeadFailures, requests, idle, skewSeconds, rotateAfter,
                rotateAtCounter, ticketLifetime);
    }

    public Limits withHalfOpen(int inAll, int perAddress) {
        return new Limits(inAll, perAddress, handshake, handshakeUnordered, handshakesPerSecond,
                handshakesPerSecondAndAddress, sessions, sessionsPerNode, aeadFailures, requests, idle,
                skewSeconds, rotateAfter, rotateAtCounter, ticketLifetime);
    }

    public Limits withSessions(int inAll, int perNode) {
        return new Limits(halfOpen, halfOpenPerAddress, handshake, handshakeUnordered, handshakesPerSecond,
                handshakesPerSecondAndAddress, inAll, perNode, aeadFailures, requests, idle, skewSeconds,
                rotateAfter, rotateAtCounter, ticketLifetime);
    }

    public Limits withAeadFailures(long most) {
        return new Limits(halfOpen, halfOpenPerAddress, handshake, handshakeUnordered, handshakesPerSecond,
                handshakesPerSecondAndAddress, sessions, sessionsPerNode, most, requests, idle, skewSeconds,
                rotateAfter, rotateAtCounter, ticketLifetime);
    }

    public Limits withIdle(Duration longest) {
        return new Limits(halfOpen, halfOpenPerAddress, handshake, handshakeUnordered, handshakesPerSecond,
                handshakesPerSecondAndAddress, sessions, sessionsPerNode, aeadFailures, requests, longest,
                skewSeconds, rotateAfter, rotateAtCounter, ticketLifetime);
    }

    public Limits withRotation(Duration after, long atCounter) {
        return new Limits(halfOpen, halfOpenPerAddress, handshake, handshakeUnordered, handshakesPerSecond,
                handshakesPerSecondAndAddress, sessions, sessionsPerNode, aeadFailures, requests, idle,
                skewSeconds, after, atCounter, ticketLifetime);
    }

    public Limits withTicketLifetime(Duration lifetime) {
        return new Limits(halfOpen, halfOpenPerAddress, handshake, handshakeUnordered, handshakesPerSecond,
                handshakesPerSecondAndAddress, sessions, sessionsPerNode, aeadFailures, requests, idle,
                skewSeconds, rotateAfter, rotateAtCounter, lifetime);
    }
}
