package org.myclerk.testing;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

import org.myclerk.api.node.Family;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.transport.Endpoint;

/** A family that its node, attic, administers; it writes down what it is asked to do. Extend it for more. */
public class TestFamily implements Family {

    /** The seed of its root. */
    public static final Bytes SEED = Bytes.ofHex("5e".repeat(32));
    /** What whoever enrols gets. */
    public static final Enrolment ENROLMENT = new Enrolment(Bytes.ofHex("c0ffee"), Optional.empty());

    /** What it was asked to do, a line each, oldest first; passphrases too. */
    public final BlockingQueue<String> asked = new LinkedBlockingQueue<>();
    /** What {@link #renewalDue()} answers. */
    public volatile boolean renewalDue;

    private static String text(Optional<char[]> secret) {
        return secret.map(String::new).orElse("none");
    }

    @Override
    public State state() {
        return new State(Bytes.wrap(new byte[16]), true, false, TestNode.ID, "attic", List.of("admin"), 0, 0,
                List.of());
    }

    @Override
    public String invite(String role, Duration lifetime, List<Endpoint> at, Optional<char[]> passphrase) {
        asked.add("invite %s for %s at %s with %s".formatted(role, lifetime, at, text(passphrase)));
        return "come";
    }

    @Override
    public State join(String invitation, Optional<String> name) throws IOException {
        throw new IOException("nobody answers at 192.0.2.1:5657");
    }

    @Override
    public Enrolment enrol(Caller caller, Optional<String> name) {
        asked.add("enrol %s as %s".formatted(caller.nodeId().toHex(), name.orElse("before")));
        return ENROLMENT;
    }

    @Override
    public void renewed(Enrolment enrolment) {
        renewalDue = false;
        asked.add("renewed " + enrolment.cert().toHex());
    }

    @Override
    public boolean renewalDue() {
        return renewalDue;
    }

    @Override
    public void revoke(String nameOrId, Optional<char[]> passphrase) {
        asked.add("revoke %s with %s".formatted(nameOrId, text(passphrase)));
    }

    @Override
    public void passphrase(Optional<char[]> current, Optional<char[]> next) {
        asked.add("passphrase from %s to %s".formatted(text(current), text(next)));
    }

    @Override
    public Bytes exportRoot(Optional<char[]> passphrase) throws Refused {
        asked.add("export with " + text(passphrase));
        return SEED;
    }

    @Override
    public void forgetRoot(Optional<char[]> passphrase) {
        asked.add("forget with " + text(passphrase));
    }

    @Override
    public void importRoot(Bytes seed) {
        asked.add("import " + seed.toHex());
    }

    @Override
    public void backup(Path file) throws IOException {
        asked.add("backup to " + file);
    }
}
