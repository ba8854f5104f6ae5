package org.myclerk.api.operation;

import java.time.Duration;
import java.util.Objects;

/**
 * What a peer did wrong, by how far the damage reaches. No stack trace is recorded: a peer can cause these at
 * line rate.
 */
public abstract sealed class ProtocolException extends Exception {

    private ProtocolException(String message) {
        super(message, null, false, false);
    }

    /** The bytes are not a message. Drop them; nothing in them can be trusted enough to answer. */
    public static final class Malformed extends ProtocolException {

        public Malformed(String message) {
            super(message);
        }
    }

    /** The operation failed. The caller is told the code and the message; the session lives on. */
    public static final class Refused extends ProtocolException {

        private final ErrorCode code;
        private final Tier requiredTier;
        private final Duration retryAfter;

        /**
         * @param message for people, at most 256 bytes of UTF-8 travel: what, which, and what to do
         */
        public Refused(ErrorCode code, String message) {
            this(code, message, null, null);
        }

        private Refused(ErrorCode code, String message, Tier requiredTier, Duration retryAfter) {
            super(message);
            if (code.success()) {
                throw new IllegalArgumentException("a refusal needs an error code, got " + code);
            }
            this.code = code;
            this.requiredTier = requiredTier;
            this.retryAfter = retryAfter;
        }

        /** FORBIDDEN because the message came at too low a tier (§8). */
        public static Refused tierTooLow(Tier required) {
            return new Refused(ErrorCode.FORBIDDEN, "needs " + required + " or higher",
                    Objects.requireNonNull(required), null);
        }

        public static Refused badRequest(String message) {
            return new Refused(ErrorCode.BAD_REQUEST, message);
        }

        public static Refused forbidden(String message) {
            return new Refused(ErrorCode.FORBIDDEN, message);
        }

        public static Refused notFound(String message) {
            return new Refused(ErrorCode.NOT_FOUND, message);
        }

        public static Refused unavailable(String message) {
            return new Refused(ErrorCode.SERVICE_UNAVAILABLE, message);
        }

        /**
         * SERVICE_UNAVAILABLE, and it promises two things (profile §6): nothing was executed, and the same
         * request is worth repeating soon. {@link org.myclerk.api.client.Peer} repeats it within the call's
         * timeout, so that its user sees a delay and no error.
         */
        public static Refused notNow(Duration retryAfter, String message) {
            return new Refused(ErrorCode.SERVICE_UNAVAILABLE, message, null,
                    Objects.requireNonNull(retryAfter));
        }

        public ErrorCode code() {
            return code;
        }

        /** After what time the same request is worth repeating, or {@code null} if the peer does not say. */
        public Duration retryAfter() {
            return retryAfter;
        }

        /** The tier that would do, or {@code null} if the tier was not the reason. */
        public Tier requiredTier() {
            return requiredTier;
        }
    }

    /** The session cannot go on. Close it, naming the code if the peer can still read us. */
    public static final class Fatal extends ProtocolException {

        private final ErrorCode code;

        public Fatal(ErrorCode code, String message) {
            super(message);
            this.code = code;
        }

        public ErrorCode code() {
            return code;
        }
    }
}
