package org.myclerk.api.operation;

import org.myclerk.api.operation.ProtocolException.Refused;

/**
 * Serves a call. It runs on a virtual thread of its own and may block, unless its row is marked inline or the
 * request is bound as served at once. The thread is
 * interrupted when the caller's session ends or the node stops.
 */
@FunctionalInterface
public interface Call<Q, A> {

    /**
     * @param request valid as its record declares; the guard has let the caller through
     * @throws Refused to answer with an error code
     */
    A answer(Caller caller, Q request) throws Refused, InterruptedException;
}
