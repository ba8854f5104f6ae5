package org.myclerk.core.trust;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

import org.myclerk.api.node.Family.Enrolment;
import org.myclerk.api.node.Family.Member;
import org.myclerk.api.node.Family.State;
import org.myclerk.api.node.Roles;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.store.Store;
import org.myclerk.api.store.StoreException;
import org.myclerk.api.transport.Endpoint;
import org.myclerk.core.crypto.Crypto;
import org.myclerk.core.crypto.Secret;
import org.myclerk.core.session.Identity;
import org.myclerk.core.session.Trust;

/**
 * Everything of {@link org.myclerk.api.node.Family} that needs no network: invitations, enrolment, renewal,
 * revocation, the root key and what is to be done from time to time. What a method changed is durable when it
 * returns.
 *
 * <p>Thread-safe; its methods take turns and may block. Times are Unix seconds of the system's clock. A
 * passphrase is overwritten. Refusals are sentences for people and hold no secret.
 */
public final class HomeFamily {

    /** The longest an invitation may last, in seconds. */
    static final long LONGEST_INVITATION = 15 * 60;

    /** Bytes of UTF-8 in a node's name. */
    static final int LONGEST_NAME = 64;

    private static final System.Logger LOG = System.getLogger("org.myclerk.core");

    private final Home home;
    private final TrustStore trust;
    private final TrustedClock clock;
    private final RandomGenerator random;

    /** The root's seed while an invitation waits for which a passphrase was given. */
    private Secret unlocked;
    private long warnedList = -1;
    private boolean warnedExpiry;

    public HomeFamily(Home home, TrustStore trust, TrustedClock clock, RandomGenerator random) {
        this.home = home;
        this.trust = trust;
        this.clock = clock;
        this.random = random;
    }

    /** Something that is written; both kinds of failure become one for the caller. */
    private interface Saving {

        void run() throws IOException;
    }

    private static void save(Saving saving) throws Refused {
        try {
            saving.run();
        } catch (IOException | StoreException failed) {
            throw new Refused(ErrorCode.INTERNAL_ERROR, failed.getMessage());
        }
    }

    public synchronized State state() {
        Certificate own = own();
        List<Member> members = new ArrayList<>();
        for (Certificate newest : newestOfEach()) {
            members.add(new Member(newest.node(), newest.name(), newest.body().roles(), newest.serial(),
                    newest.body().exp(), trust.revoked(newest.family(), newest.serial())));
        }
        members.sort(Comparator.comparing(Member::name));
        return new State(own.family(), home.root().isPresent(),
                home.root().map(KeyFile::locked).orElse(false),
                own.node(), own.name(), own.body().roles(), own.body().exp(),
                trust.revocations().map(RevocationList::number).orElse(0L), members);
    }

    private Certificate own() {
        return home.certificate();
    }

    private List<Certificate> newestOfEach() {
        Map<Bytes, Certificate> newest = new LinkedHashMap<>();
        for (Certificate each : trust.family()) {
            newest.merge(each.node(), each, (a, b) -> a.body().exp() > b.body().exp() ? a : b);
        }
        return List.copyOf(newest.values());
    }

    /**
     * Makes an invitation. Given a passphrase, the root key stays unlocked in memory until the invitation is
     * used or has run out.
     *
     * @param lifetime 1 s to 15 min
     * @param at where this node is reached, at least one
     * @return one line of text, a secret
     */
    public synchronized String invite(String role, Duration lifetime, List<Endpoint> at,
            Optional<char[]> passphrase, long now) throws Refused {
        try {
            if (!Roles.GRANTABLE.contains(role)) {
                throw Refused.badRequest("no role \"%s\"; there are %s".formatted(printable(role),
                        String.join(", ", Roles.GRANTABLE)));
            }
            long seconds = lifetime.toSeconds();
            if (seconds < 1 || seconds > LONGEST_INVITATION) {
                throw Refused.badRequest("an invitation lasts at most 15 minutes");
            }
            if (at.isEmpty()) {
                throw Refused.badRequest("an invitation needs an address where this node is reached");
            }
            KeyFile root = rootHere();
            if (root.locked() && unlocked == null) {
                unlocked = root.open(passphrase);
            } else if (root.locked()) {
                root.open(passphrase).erase();
            }
            Secret psk = Secret.wrap(Crypto.random(random, Crypto.KEY));
            long expires = clock.certain(now) + seconds;
            trust.invitations().add(psk, role, expires);
            save(trust::flush);
            return new Invitation(home.membership().root(), psk, expires,
                    at.stream().map(Endpoint::toString).toList()).text();
        } finally {
            passphrase.ifPresent(given -> Arrays.fill(given, '\0'));
        }
    }

    private KeyFile rootHere() throws Refused {
        return home.root().orElseThrow(() -> Refused.forbidden(
                "the family's root key is not on this node; use the node that has it, or import it"));
    }

    /** A copy of the root's seed, without asking for a passphrase. */
    private Secret rootForEnrolment() throws Refused {
        KeyFile root = rootHere();
        if (!root.locked()) {
            return root.open(Optional.empty());
        }
        if (unlocked == null) {
            throw Refused.unavailable(
                    "the root key is under a passphrase; invite again on the node that has it");
        }
        return Secret.wrap(unlocked.bytes().clone());
    }

    private void lockAgain(long now) {
        if (unlocked != null && !trust.invitations().awaited(clock.certain(now))) {
            unlocked.erase();
            unlocked = null;
        }
    }

    /**
     * Certifies a node that used an invitation (CLIENT_REGISTER while joining), for one year and the
     * invitation's role. A key that this node certified before keeps its node id.
     *
     * @param joiningKey the key that the session proved, 32 bytes
     * @param name that the node wants
     */
    public synchronized Enrolment enrol(Bytes joiningKey, Optional<String> name, long now) throws Refused {
        Optional<String> wanted = checkedName(name);
        long time = clock.certain(now);
        Invitations.Claim claim = trust.invitations().claim(joiningKey, time).orElseThrow(
                () -> Refused.forbidden("the invitation was used already or has run out; ask for a new one"));
        boolean enrolled = false;
        try {
            Secret root = rootForEnrolment();
            Bytes node = trust.family().stream().filter(each -> each.body().key().equals(joiningKey))
                    .filter(each -> !trust.revoked(each.family(), each.serial())).map(Certificate::node)
                    .findFirst()
                    .orElseGet(() -> Bytes.wrap(Crypto.random(random, 16)));
            String called = freeName(wanted.orElse("node-" + node.toHex().substring(0, 8)), node);
            Certificate issued = kept(root, Certificate.issue(root, new Certificate.Body(0, own().family(),
                    freshSerial(), node, joiningKey, List.of(claim.role()), time, time + Certificate.YEAR,
                    Optional.of(called))));
            enrolled = true;
            return new Enrolment(issued.encoded(), home.membership().psk());
        } finally {
            if (!enrolled) {
                trust.invitations().unclaim(claim);
            }
            lockAgain(now);
        }
    }

    /**
     * Certifies an enrolled node anew with the roles it has (CLIENT_REGISTER in an ordinary session), once
     * two thirds of its certificate's time have passed.
     *
     * @param name a new one, empty to keep it
     */
    public synchronized Enrolment renew(Identity caller, Optional<String> name, long now) throws Refused {
        Optional<String> wanted = checkedName(name);
        Certificate current = ofThisFamily(caller, now);
        long time = clock.certain(now);
        if (time < current.renewalFrom()) {
            throw Refused.forbidden("the certificate is renewed from %s on"
                    .formatted(Instant.ofEpochSecond(current.renewalFrom())));
        }
        String called = wanted.isEmpty() ? current.name() : freeName(wanted.get(), current.node());
        Secret root = rootForEnrolment();
        Certificate issued = kept(root, current.renewed(root, called, time, freshSerial()));
        return new Enrolment(issued.encoded(), home.membership().psk());
    }

    private Certificate ofThisFamily(Identity caller, long now) throws Refused {
        try {
            Certificate current = Certificate.parse(caller.certificate());
            if (current.family().equals(own().family()) && trust.stillValid(caller, now)) {
                return current;
            }
        } catch (Malformed joiningOrNone) {
            throw Refused.forbidden("only a node of this family renews its certificate here");
        }
        throw Refused.forbidden("only a node of this family renews its certificate here");
    }

    /** Erases the root's seed and makes the certificate durable. */
    private Certificate kept(Secret root, Certificate issued) throws Refused {
        root.erase();
        trust.remember(issued);
        save(trust::flush);
        return issued;
    }

    private long freshSerial() {
        Set<Long> taken = trust.family().stream().map(Certificate::serial)
                .collect(Collectors.toCollection(TreeSet::new));
        trust.revocations().ifPresent(list -> taken.addAll(list.body().serials()));
        long serial = Home.serial(random);
        while (taken.contains(serial)) {
            serial = Home.serial(random);
        }
        return serial;
    }

    /** The name, or with a number behind it if another member is called so. */
    private String freeName(String name, Bytes node) {
        Set<String> taken = newestOfEach().stream()
                .filter(each -> !each.node().equals(node) && !trust.revoked(each.family(), each.serial()))
                .map(each -> each.name().toLowerCase(Locale.ROOT)).collect(Collectors.toSet());
        String free = name;
        for (int i = 2; taken.contains(free.toLowerCase(Locale.ROOT)); i++) {
            free = name + "-" + i;
        }
        return free;
    }

    private static Optional<String> checkedName(Optional<String> name) throws Refused {
        if (name.isEmpty()) {
            return name;
        }
        String stripped = name.get().strip();
        if (stripped.isEmpty() || stripped.getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME
                || !printable(stripped).equals(stripped)) {
            throw Refused.badRequest("a name has 1 to 64 bytes and no control characters");
        }
        return Optional.of(stripped);
    }

    private static String printable(String text) {
        return text.replaceAll("\\p{C}", "?");
    }

    /**
     * Reads an invitation and checks that this node may follow it: it has not run out, and nobody else is in
     * the family that the node would leave, unless that family revoked it.
     *
     * @throws Refused with a sentence for people
     */
    public synchronized Invitation invitation(String text, long now) throws Refused {
        Invitation invitation = Invitation.parse(text);
        if (now > invitation.expires() && !clock.suspicious(now)) {
            throw Refused.forbidden(
                    "the invitation ran out at %s, and the clock of this machine says %s: set it if it is "
                    .formatted(Instant.ofEpochSecond(invitation.expires()), Instant.ofEpochSecond(now))
                    + "wrong, or ask for a new one");
        }
        mayLeave(invitation);
        return invitation;
    }

    private void mayLeave(Invitation invitation) throws Refused {
        if (invitation.root().equals(home.membership().root())) {
            throw Refused.forbidden("this node is in that family already");
        }
        Certificate own = own();
        if (trust.revoked(own.family(), own.serial())) {
            return;
        }
        long others = newestOfEach().stream().filter(each -> !each.node().equals(own.node())
                && !trust.revoked(each.family(), each.serial())).count();
        if (others > 0 || home.membership().inviter().filter(inviter -> !revokedNode(inviter)).isPresent()) {
            throw Refused.forbidden("this node's family has other members, so it cannot leave it; "
                    + "revoke them first, or join with a new home");
        }
    }

    private boolean revokedNode(Bytes node) {
        List<Certificate> certificates =
                trust.family().stream().filter(each -> each.node().equals(node)).toList();
        return !certificates.isEmpty()
                && certificates.stream().allMatch(each -> trust.revoked(each.family(), each.serial()));
    }

    /** Whom to believe while joining with an invitation. */
    public Trust joiningTrust(Invitation invitation) {
        return new InvitationTrust(invitation, clock);
    }

    /**
     * Becomes a member of the inviting family: in one step, so that a crash leaves the old family or the new.
     * The root key of the family that is left is removed.
     *
     * @param inviter as verified by {@link #joiningTrust}
     * @param enrolment its answer to CLIENT_REGISTER
     * @return the inviter's node id, a peer from now on
     */
    public synchronized Bytes joined(Invitation invitation, Identity inviter, Enrolment enrolment, long now)
            throws Refused {
        mayLeave(invitation);
        Certificate issued = issuedToThisNode(enrolment, invitation.root(), now);
        try {
            Certificate inviting = Certificate.parse(inviter.certificate());
            save(() -> home.member(new Membership(0, invitation.root(), issued.encoded(), enrolment.psk(),
                    Optional.of(inviter.node()))));
            trust.invitations().clear();
            trust.familyChanged();
            if (invitation.bearsOut(now)) {
                clock.proven(now);
            }
            trust.remember(issued);
            trust.remember(inviting);
        } catch (Malformed impossible) {
            throw new IllegalStateException(impossible);
        }
        if (unlocked != null) {
            unlocked.erase();
            unlocked = null;
        }
        save(trust::flush);
        return inviter.node();
    }

    /** Stores this node's renewed certificate, the answer to CLIENT_REGISTER in an ordinary session. */
    public synchronized void renewed(Enrolment enrolment, long now) throws Refused {
        Membership current = home.membership();
        Certificate issued = issuedToThisNode(enrolment, current.root(), now);
        if (!issued.node().equals(current.certificate().node())) {
            throw Refused.forbidden("the certificate is for another node");
        }
        if (issued.body().exp() < current.certificate().body().exp()) {
            throw Refused.forbidden("the certificate is older than the one in force");
        }
        save(() -> home.member(new Membership(0, current.root(), issued.encoded(),
                enrolment.psk().or(current::psk), current.inviter())));
        renewedHere(issued);
    }

    private void renewedHere(Certificate issued) throws Refused {
        trust.remember(issued);
        trust.familyChanged();
        save(trust::flush);
        warnedExpiry = false;
    }

    private Certificate issuedToThisNode(Enrolment enrolment, Bytes root, long now) throws Refused {
        try {
            Certificate issued = Certificate.parse(enrolment.cert());
            if (!issued.signedBy(root) || !issued.body().key().equals(own().body().key())) {
                throw new Malformed("certificate of another family or key");
            }
            if (enrolment.psk().filter(psk -> psk.length() != Crypto.KEY).isPresent()) {
                throw new Malformed("the family's pre-shared key has not 32 bytes");
            }
            TrustStore.checkDates(issued, clock, now);
            return issued;
        } catch (Malformed wrong) {
            throw Refused.forbidden("the answer cannot be used: " + wrong.getMessage());
        }
    }

    /** Whether this node's own certificate is to be renewed by a node that has the root. */
    public synchronized boolean renewalDue(long now) {
        return clock.certain(now) >= own().renewalFrom();
    }

    /**
     * Revokes every certificate of a member that is known here. Sessions learn of it through
     * {@link TrustStore#onRevocation}.
     *
     * @param nameOrId its name, its id in hexadecimal, or the first 4 digits or more of it
     * @return the member's node id
     */
    public synchronized Bytes revoke(String nameOrId, Optional<char[]> passphrase, long now) throws Refused {
        try {
            Bytes node = member(nameOrId);
            if (node.equals(own().node())) {
                throw Refused.badRequest("a node cannot revoke itself");
            }
            Secret root = rootHere().open(passphrase);
            Optional<RevocationList> last = trust.revocations();
            Set<Long> serials = new TreeSet<>();
            last.ifPresent(list -> serials.addAll(list.body().serials()));
            trust.family().stream().filter(each -> each.node().equals(node)).map(Certificate::serial)
                    .forEach(serials::add);
            long time = clock.certain(now);
            RevocationList next = RevocationList.issue(root, new RevocationList.Body(0, own().family(),
                    last.map(RevocationList::number).orElse(0L) + 1, time, time + Certificate.YEAR,
                    List.copyOf(serials)));
            root.erase();
            trust.offered(next.encoded());
            save(trust::flush);
            return node;
        } finally {
            passphrase.ifPresent(given -> Arrays.fill(given, '\0'));
        }
    }

    private Bytes member(String nameOrId) throws Refused {
        String wanted = nameOrId.strip();
        List<Certificate> members = newestOfEach();
        List<Certificate> found = members.stream().filter(each -> each.name().equals(wanted)).toList();
        if (found.isEmpty() && wanted.length() >= 4) {
            String digits = wanted.toLowerCase(Locale.ROOT);
            found = members.stream().filter(each -> each.node().toHex().startsWith(digits)).toList();
        }
        if (found.size() > 1) {
            List<Certificate> valid =
                    found.stream().filter(each -> !trust.revoked(each.family(), each.serial())).toList();
            found = valid.size() == 1 ? valid : found;
        }
        if (found.size() != 1) {
            throw Refused.notFound(found.isEmpty()
                    ? "no member is called \"%s\"; \"myclerk family\" lists them".formatted(printable(wanted))
                    : "%d members are called \"%s\"; name the id".formatted(found.size(), printable(wanted)));
        }
        return found.getFirst().node();
    }

    /** Puts the root key under a passphrase, changes it, or (with an empty {@code next}) removes it. */
    public synchronized void passphrase(Optional<char[]> current, Optional<char[]> next) throws Refused {
        try {
            if (next.isPresent() && next.get().length == 0) {
                throw Refused.badRequest("the passphrase is empty");
            }
            Secret root = rootHere().open(current);
            KeyFile file = next.isPresent() ? KeyFile.sealed(root, next.get(), random) : KeyFile.plain(root);
            if (file.locked() && unlocked == null && trust.invitations().awaited(0)) {
                unlocked = root;
            } else {
                root.erase();
            }
            save(() -> home.root(file));
        } finally {
            current.ifPresent(given -> Arrays.fill(given, '\0'));
            next.ifPresent(given -> Arrays.fill(given, '\0'));
        }
    }

    /** The 32-byte seed of the root key, to be kept offline. */
    public synchronized Bytes exportRoot(Optional<char[]> passphrase) throws Refused {
        return Bytes.wrap(withRoot(passphrase).bytes());
    }

    /** Takes the root key off this node; invitations that are open can no longer be followed. */
    public synchronized void forgetRoot(Optional<char[]> passphrase) throws Refused {
        withRoot(passphrase).erase();
        save(home::forgetRoot);
        trust.invitations().clear();
        save(trust::flush);
        if (unlocked != null) {
            unlocked.erase();
            unlocked = null;
        }
    }

    private Secret withRoot(Optional<char[]> passphrase) throws Refused {
        try {
            return rootHere().open(passphrase);
        } finally {
            passphrase.ifPresent(given -> Arrays.fill(given, '\0'));
        }
    }

    /** Brings the family's root key to this node, without a passphrase. */
    public synchronized void importRoot(Bytes seed) throws Refused {
        if (seed.length() != Crypto.KEY) {
            throw Refused.badRequest("a root seed has 32 bytes, this has " + seed.length());
        }
        Secret root = Secret.wrap(seed.toArray());
        KeyFile file = KeyFile.plain(root);
        root.erase();
        if (!file.key().equals(home.membership().root())) {
            throw Refused.forbidden("this is the root key of another family");
        }
        save(() -> home.root(file));
    }

    /**
     * Writes everything that makes this node into one file, keys included ({@link Home#backup}).
     *
     * @throws IOException if the file exists or cannot be written, with a sentence for people
     */
    public synchronized void backup(Path file, Store store) throws IOException {
        home.backup(file, store);
    }

    /**
     * What has to be done from time to time, to be called at start and at least every five minutes: watches
     * the clock, renews the operator's certificate and, where the root key is at hand, the node's own;
     * forgets what ran out, and warns once of what a person has to do.
     */
    public synchronized void maintain(long now) {
        clock.observe(now);
        long time = clock.certain(now);
        trust.invitations().purge(time);
        trust.purge();
        lockAgain(now);
        trust.revocations().filter(list -> time > list.body().next() && list.number() > warnedList)
                .ifPresent(list -> {
            warnedList = list.number();
            LOG.log(Level.WARNING, "revocation list {0} of the family is overdue and stays in use; the node "
                    + "with the root key issues a newer one with its next revocation", list.number());
        });
        try {
            home.renewOperator(time, random);
            renewOwn(time);
        } catch (IOException | Refused failed) {
            LOG.log(Level.WARNING, "a certificate could not be renewed: {0}", failed.getMessage());
        }
    }

    private void renewOwn(long time) throws IOException, Refused {
        Certificate own = own();
        if (time < own.renewalFrom()) {
            return;
        }
        if (home.root().isPresent() && (!home.root().get().locked() || unlocked != null)) {
            Secret root = rootForEnrolment();
            Certificate issued = kept(root, own.renewed(root, own.name(), time, freshSerial()));
            home.member(home.membership().with(issued));
            renewedHere(issued);
        } else if (own.expired(time) && !warnedExpiry) {
            warnedExpiry = true;
            LOG.log(Level.WARNING, "this node''s certificate ran out at {0}, or its clock is wrong; the node "
                    + "with the root key has to renew it", Instant.ofEpochSecond(own.body().exp()));
        }
    }
}
