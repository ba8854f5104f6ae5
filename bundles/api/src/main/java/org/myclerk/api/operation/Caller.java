package org.myclerk.api.operation;

import java.util.Set;

import org.myclerk.api.client.Peer;
import org.myclerk.api.payload.Bytes;
import org.osgi.annotation.versioning.ProviderType;

/** Who sent a request, as its certificate and its session say. */
@ProviderType
public interface Caller {

    /** The 16-byte node id; empty for an anonymous sender and for a node that is joining. */
    Bytes nodeId();

    /** The certificate's name, or the node id in hexadecimal. */
    String name();

    /** The 16-byte id of the family that certified the node; empty for an anonymous sender. */
    Bytes family();

    /** The certificate's roles; {@code joining} for a node in pairing; none for an anonymous sender. */
    Set<String> roles();

    /** The tier of the request's frame or of its container. */
    Tier tier();

    /** The 16-byte session uid, unique; empty for an anonymous sender. */
    Bytes session();

    /** The request's id, 0 for a one-way message. */
    long rid();

    /**
     * The session it came over, to call back; never for an anonymous sender ({@link IllegalStateException}).
     */
    Peer peer();

    /**
     * Sends an event caused by this request, waiting for room in the session's queue. May be called long
     * after the request was answered, from any thread that may block.
     *
     * @return false if the session is gone
     */
    <E> boolean emit(Operation<?, E> operation, E event) throws InterruptedException;

    /**
     * Sends an event only if the queue has room; for what may be dropped.
     *
     * @return false if it was not sent
     */
    <E> boolean offer(Operation<?, E> operation, E event);

    /**
     * Runs a task once when the session ends for good, at once if it has; on any thread, so it must not
     * block.
     */
    void onSessionEnd(Runnable task);

    default boolean hasRole(String role) {
        return roles().contains(role);
    }

    default boolean anonymous() {
        return session().isEmpty();
    }
}
