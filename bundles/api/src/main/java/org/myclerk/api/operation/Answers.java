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
     * @return false if the caller has ended the call: return the last answer then
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
}
