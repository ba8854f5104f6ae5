package org.myclerk.core.session;

import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Payload;

/** Where a session puts what comes of its inputs; called from within them, never after {@link #closed}. */
public interface Output {

    /** A frame to send. The bytes are the session's and change after the return. */
    void frame(byte[] buffer, int offset, int length);

    /** Whether sealing more would only fill queues. */
    default boolean congested() {
        return false;
    }

    /** The session is open. */
    void opened(Established session);

    /** At an initiator: the responder has taken it on as well (the second KEY_EXCHANGE_COMPLETE). */
    default void confirmed() {
    }

    /**
     * At an initiator: a ticket for the next time; before {@link #confirmed}, so that whoever waits for that
     * finds it.
     */
    default void ticket(Ticket ticket) {
    }

    /**
     * A message of an operation above 0x001F: decrypted, whole, decompressed and well-formed. Nobody has
     * checked its tier against a floor, nor any right.
     */
    void message(Tier tier, int operation, Payload payload);

    /** A message that no frame can carry: the peer's limits are below its size. */
    default void unsendable(Outgoing message) {
    }

    /** A request on an unordered transport that stayed without an answer (profile §6). */
    default void unanswered(long rid) {
    }

    /** The keys have changed. */
    default void rotated(long generation) {
    }

    /**
     * Whether a lease, a lock, an open followed call or an outstanding request keeps the session from idling
     * out.
     */
    default boolean held() {
        return false;
    }

    /**
     * The session has ended and its keys are gone. What was given to {@link #frame} before may still be sent.
     */
    void closed(Ended ended);
}
