package org.myclerk.api.node;

import org.myclerk.api.payload.Bytes;
import org.osgi.annotation.versioning.ConsumerType;

/** Learns of sessions. Registered as a service; called on threads that must not be blocked. */
@ConsumerType
public interface SessionListener {

    /** @param resumedFrom uid of the session it goes on from, or empty */
    void opened(SessionState session, Bytes resumedFrom);

    void ended(SessionState session);

    /**
     * Whether something rests on the session of that uid, a lease for instance: then it does not idle out.
     */
    default boolean holds(Bytes session) {
        return false;
    }
}
