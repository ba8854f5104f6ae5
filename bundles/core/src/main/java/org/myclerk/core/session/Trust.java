package org.myclerk.core.session;

import java.util.Optional;

import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.payload.Bytes;
import org.myclerk.core.crypto.Secret;

/**
 * Whom this node believes (profile §10). Thread-safe, never blocks: what must be durable is written behind.
 */
public interface Trust {

    /**
     * Verifies a certificate: family, signature, dates, revocation.
     *
     * @param now Unix seconds
     * @throws Malformed whatever is wrong with it
     */
    Identity verify(Bytes certificate, long now) throws Malformed;

    /** Whether an identity verified before is still valid: dates and revocation. */
    boolean stillValid(Identity identity, long now);

    /** The valid, unrevoked certificate known for a node, for resumption. */
    Optional<Identity> current(Bytes node, long now);

    /** Takes a revocation list that verifies and has a higher number; ignores any other. */
    void offered(Bytes revocations);

    /** The pre-shared key of that 8-byte id, if it is a family's or an open invitation's. */
    Optional<PreSharedKey> preSharedKey(Bytes id, long now);

    /**
     * A handshake that repeated an invitation's psk-id reached frame 5.
     *
     * @param verified the invitation is used up now, by the key that joins; otherwise it is one failure of
     * five
     * @return false if the invitation was used up meanwhile
     */
    boolean invitationTried(PreSharedKey invitation, Bytes joiningKey, boolean verified);

    /** A key both ends have. */
    record PreSharedKey(Bytes id, Secret secret, boolean invitation) {
    }
}
