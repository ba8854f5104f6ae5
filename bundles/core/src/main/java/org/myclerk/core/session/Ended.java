package org.myclerk.core.session;

import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.Tier;

/**
 * Why a session or its handshake ended.
 *
 * @param code OK if it was closed in order
 * @param reason for people and logs; nothing secret
 * @param byPeer whether the peer said so
 * @param requiredTier what the responder asks for, or {@code null}
 */
public record Ended(Cause cause, ErrorCode code, String reason, boolean byPeer, Tier requiredTier) {

    /** What happened. */
    public enum Cause {
        /** Closed in order, or the link ended. */
        CLOSED,
        /** SESSION_REVOKE: the tickets are gone too. */
        REVOKED,
        /** The responder refused the handshake with a status; without its ticket another may go through. */
        REFUSED,
        /** The peer broke the protocol, or could not prove who it is. */
        VIOLATION,
        /** Nothing came in time. */
        TIMEOUT,
        /**
         * This node's own limits or rules: half-open handshakes, age of the keys, a certificate that ended.
         */
        LIMIT
    }

    static Ended violation(String reason) {
        return new Ended(Cause.VIOLATION, ErrorCode.BAD_REQUEST, reason, false, null);
    }

    static Ended untrusted(String reason) {
        return new Ended(Cause.VIOLATION, ErrorCode.UNAUTHORIZED, reason, false, null);
    }

    static Ended refused(ErrorCode code, String reason, Tier requiredTier) {
        return new Ended(Cause.REFUSED, code, reason, true, requiredTier);
    }

    static Ended timeout(String reason) {
        return new Ended(Cause.TIMEOUT, ErrorCode.TIMEOUT, reason, false, null);
    }

    static Ended limit(String reason) {
        return new Ended(Cause.LIMIT, ErrorCode.INVALID_SESSION, reason, false, null);
    }

    static Ended closed(String reason, boolean byPeer) {
        return new Ended(Cause.CLOSED, ErrorCode.OK, reason, byPeer, null);
    }

    static Ended revoked(String reason, boolean byPeer) {
        return new Ended(Cause.REVOKED, ErrorCode.INVALID_SESSION, reason, byPeer, null);
    }
}
