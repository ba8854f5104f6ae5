package org.myclerk.api.operation;

import org.myclerk.api.operation.ProtocolException.Refused;

/** Serves a call whose answers may go on; see {@link Call} for threads. */
@FunctionalInterface
public interface FollowedCall<Q, A> {

    /**
     * Sends what there is through {@code answers}, and returns the last answer when nothing more comes or the
     * caller has ended the call.
     */
    A answer(Caller caller, Q request, Answers<A> answers) throws Refused, InterruptedException;
}
