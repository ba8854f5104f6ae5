package org.myclerk.core.trust;

import java.util.Optional;

import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.payload.Bytes;
import org.myclerk.core.crypto.Secret;
import org.myclerk.core.session.Identity;
import org.myclerk.core.session.Trust;

/** Whom a joining node believes: nobody but a node certified under the invitation's root. */
final class InvitationTrust implements Trust {

    private final Invitation invitation;
    private final TrustedClock clock;

    InvitationTrust(Invitation invitation, TrustedClock clock) {
        this.invitation = invitation;
        this.clock = clock;
    }

    @Override
    public Identity verify(Bytes encoded, long now) throws Malformed {
        Certificate certificate = Certificate.parse(encoded);
        if (!certificate.family().equals(invitation.family())) {
            throw new Malformed("certificate of another family than the invitation's");
        }
        TrustStore.checkDates(certificate, clock, now);
        if (!certificate.signedBy(invitation.root())) {
            throw new Malformed("certificate has a wrong signature");
        }
        return TrustStore.Root.of(invitation.root()).identity(certificate);
    }

    @Override
    public boolean stillValid(Identity identity, long now) {
        return identity.family().equals(invitation.family()) && clock.certain(now) <= identity.expires();
    }

    @Override
    public Optional<Identity> current(Bytes node, long now) {
        return Optional.empty();
    }

    @Override
    public void offered(Bytes revocations) {
        // The list comes again once the node belongs to the family.
    }

    @Override
    public Optional<PreSharedKey> preSharedKey(Bytes id, long now) {
        return id.equals(invitation.pskId())
                ? Optional.of(new PreSharedKey(id, Secret.wrap(invitation.psk().bytes().clone()), true))
                : Optional.empty();
    }

    @Override
    public boolean invitationTried(PreSharedKey tried, Bytes joiningKey, boolean verified) {
        return false;
    }
}
