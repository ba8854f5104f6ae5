package org.myclerk.core.node;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

import org.myclerk.api.client.Peer;
import org.myclerk.api.node.Family;
import org.myclerk.api.node.Pairing;
import org.myclerk.api.node.Roles;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.transport.Endpoint;
import org.myclerk.api.transport.Transport;
import org.myclerk.core.dispatch.Connection;
import org.myclerk.core.session.Identity;
import org.myclerk.core.session.Settings;
import org.myclerk.core.session.Trust;
import org.myclerk.core.session.Wish;
import org.myclerk.core.trust.Home;
import org.myclerk.core.trust.HomeFamily;
import org.myclerk.core.trust.Invitation;

/** The family as a service of a running node. Thread-safe. */
final class NodeFamily implements Family {

    private final NodeCore node;
    private final HomeFamily family;
    private final LongSupplier clock;
    private final Pairer pairer;

    /** @param clock Unix seconds */
    NodeFamily(NodeCore node, HomeFamily family, LongSupplier clock, Pairer pairer) {
        this.node = node;
        this.family = family;
        this.clock = clock;
        this.pairer = pairer;
    }

    /** Follows an invitation over the network. */
    record Pairer(Home home, HomeFamily family, Settings settings, Dialer dialer, Transports transports) {

        /** Finds what carries an endpoint's scheme. */
        interface Transports {

            Transport of(Endpoint endpoint) throws IOException;
        }

        /** Who invited, and where it was reached. */
        record Joined(Identity inviter, List<Endpoint> endpoints) {
        }

        /**
         * @param believed the node's time. If its clock ran ahead once, the system's time is taken instead as
         *     soon as the invitation bears it out, which was made by another clock
         */
        Joined join(String text, Optional<String> name, long believed)
                throws Refused, IOException, InterruptedException {
            boolean borneOut = Invitation.parse(text).bearsOut(NodeClock.system());
            long now = borneOut ? NodeClock.system() : believed;
            Dialer dialer = borneOut ? this.dialer.dating(NodeClock::system) : this.dialer;
            Invitation invitation = family.invitation(text, now);
            Trust trust = family.joiningTrust(invitation);
            Wish wish = Wish.any(settings).key(trust.preSharedKey(invitation.pskId(), now).orElseThrow(),
                    true);
            IOException trouble =
                    new IOException("the invitation names no address; ask for one with --at HOST:PORT");
            for (Endpoint endpoint : invitation.endpoints()) {
                try {
                    Connection connection = dialer.dial(transports.of(endpoint), endpoint, home.joining(),
                            trust, wish);
                    return enrol(connection, invitation, name, now);
                } catch (IOException failed) {
                    trouble = failed;
                }
            }
            throw trouble;
        }

        private Joined enrol(Connection connection, Invitation invitation, Optional<String> name, long now)
                throws Refused, IOException, InterruptedException {
            Peer inviter = connection.peer();
            String wanted = name.orElse(home.certificate().name());
            Enrolment enrolment = inviter.call(Pairing.CLIENT_REGISTER,
                    new Pairing.Registration(Optional.of(wanted)));
            Identity identity = connection.identity();
            connection.close("joined");
            family.joined(invitation, identity, enrolment, now);
            return new Joined(identity, invitation.endpoints());
        }
    }

    private long now() {
        return clock.getAsLong();
    }

    @Override
    public State state() {
        return family.state();
    }

    @Override
    public String invite(String role, Duration lifetime, List<Endpoint> at, Optional<char[]> passphrase)
            throws Refused {
        if (!Roles.GRANTABLE.contains(role)) {
            throw Refused.badRequest("role \"%s\" is not one of %s".formatted(role, Roles.GRANTABLE));
        }
        return family.invite(role, lifetime, at.isEmpty() ? node.reachable() : at, passphrase, now());
    }

    @Override
    public State join(String invitation, Optional<String> name)
            throws Refused, IOException, InterruptedException {
        Pairer.Joined joined = pairer.join(invitation, name, now());
        node.learned(joined.inviter(), joined.endpoints());
        return state();
    }

    @Override
    public Enrolment enrol(Caller caller, Optional<String> name) throws Refused {
        Identity identity = node.identityOf(caller.session());
        if (caller.hasRole(Roles.JOINING)) {
            return family.enrol(identity.key().encoded(), name, now());
        }
        return family.renew(identity, name, now());
    }

    @Override
    public void renewed(Enrolment enrolment) throws Refused {
        family.renewed(enrolment, now());
    }

    @Override
    public boolean renewalDue() {
        return family.renewalDue(now());
    }

    @Override
    public void revoke(String nameOrId, Optional<char[]> passphrase) throws Refused {
        family.revoke(nameOrId, passphrase, now());
    }

    @Override
    public void passphrase(Optional<char[]> current, Optional<char[]> next) throws Refused {
        family.passphrase(current, next);
    }

    @Override
    public Bytes exportRoot(Optional<char[]> passphrase) throws Refused {
        return family.exportRoot(passphrase);
    }

    @Override
    public void forgetRoot(Optional<char[]> passphrase) throws Refused {
        family.forgetRoot(passphrase);
    }

    @Override
    public void importRoot(Bytes seed) throws Refused {
        family.importRoot(seed);
    }

    @Override
    public void backup(Path file) throws IOException {
        family.backup(file, node.store());
    }
}
