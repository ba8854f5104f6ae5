package org.myclerk.api.operation;

import org.osgi.annotation.versioning.ProviderType;

/**
 * The way back of a followed call (profile §6): each answer sent costs the caller one credit.
 *
 * <p>Thread-safe; answers arrive in the order they were sent.
 */
@ProviderType
public interface Answers<A> {

    /** Whether the caller asked for answers to go on, that is, sent credit. */
    boolean followed();

    /**
     * Sends an answer that others follow, waiting for credit and for room in the session's queue.
     *
     * @return false if the caller has ended the call: return the last answer then; or if the call
     *     {@link #moves}
     * @throws InterruptedException if the session has ended
     */
    boolean send(A answer) throws InterruptedException;

    /**
     * Sends an answer only if that needs no waiting; for what may be dropped.
     *
     * @return false if it was not sent
     */
    boolean offer(A answer);

    /** Whether the caller has ended the call, or the session is gone. */
    boolean ended();

    /** Runs a task once when the call ends, at once if it has; on any thread, so it must not block. */
    void onEnd(Runnable task);

    /**
     * Says that the next version of this handler can go on where this one stops. When the handler is replaced
     * the task runs, {@link #send} returns false, and the method returns {@code null} soon: the next version
     * is then asked with the same request over the same call, and the caller notices nothing. A call that is
     * not movable has a few seconds to come to its end; {@link #onLeave} tells one that would go on for
     * longer.
     *
     * @param onMove on any thread, so it must not block; runs at once if the handler is being replaced
     *     already
     */
    default void movable(Runnable onMove) {
        // Without core nothing is replaced.
    }

    /**
     * Runs a task once when the handler goes, for a call that lasts as long as its caller likes and cannot
     * move: it is to come to its end within a few seconds. At once if the handler is going already; on any
     * thread, so it must not block.
     */
    default void onLeave(Runnable task) {
        // Without core nothing is replaced.
    }

    /** Whether the handler is being replaced and its next version goes on with this movable call. */
    default boolean moves() {
        return false;
    }
}
