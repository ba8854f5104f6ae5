package org.myclerk.core.trust;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.random.RandomGenerator;

import org.myclerk.api.node.Family.Enrolment;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.transport.Endpoint;
import org.myclerk.core.session.Identity;
import org.myclerk.core.session.Trust;
import org.myclerk.core.session.Trust.PreSharedKey;

/** A node's trust without a node. */
record TestNode(Home home, MemoryStore store, TrustedClock clock, TrustStore trust, HomeFamily family) {

    /** 2026-06-01. */
    static final long NOW = 1_780_272_000L;
    static final long DAY = 86_400;
    static final List<Endpoint> AT = List.of(Endpoint.parse("192.0.2.1:5657"));

    static TestNode start(Path folder) throws IOException {
        return start(folder, new MemoryStore(), NOW);
    }

    static TestNode start(Path folder, MemoryStore store, long now) throws IOException {
        RandomGenerator random = new Random(folder.hashCode());
        String name = folder.getFileName().toString();
        Home home = Home.openOrFound(folder, new Home.Founding(name, "ada", now, random));
        TrustedClock clock = new TrustedClock(store);
        TrustStore trust = new TrustStore(home, store, clock);
        return new TestNode(home, store, clock, trust,
                new HomeFamily(home, trust, clock, new Random(random.nextLong())));
    }

    /** The same home and store, as after a restart. */
    TestNode restarted(long now) throws IOException {
        trust.flush();
        clock.flush();
        return start(home.folder(), store, now);
    }

    Certificate certificate() {
        return home.membership().certificate();
    }

    Bytes id() {
        return certificate().node();
    }

    String invite(String role) throws Refused {
        return family.invite(role, Duration.ofMinutes(15), AT, Optional.empty(), NOW);
    }

    /** The whole pairing but for the network. */
    Bytes join(TestNode hub, String role, long now) throws Refused, Malformed {
        Invitation invitation =
                family.invitation(hub.family.invite(role, Duration.ofMinutes(15), AT, Optional.empty(), now),
                        now);
        return join(hub, invitation, now);
    }

    Bytes join(TestNode hub, Invitation invitation, long now) throws Refused, Malformed {
        Trust joining = family.joiningTrust(invitation);
        Identity inviter = joining.verify(hub.certificate().encoded(), now);
        PreSharedKey key = hub.trust.preSharedKey(invitation.pskId(), now).orElseThrow();
        hub.trust.invitationTried(key, home.joining().publicKey(), true);
        Enrolment enrolment = hub.family.enrol(home.joining().publicKey(), Optional.of(certificate().name()),
                now);
        return family.joined(invitation, inviter, enrolment, now);
    }
}
