package org.myclerk.core.trust;

import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

import org.myclerk.api.node.Roles;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.PayloadCodec;
import org.myclerk.api.payload.Size;
import org.myclerk.api.store.Store;
import org.myclerk.core.crypto.Crypto;
import org.myclerk.core.crypto.KeySchedule;
import org.myclerk.core.crypto.Secret;
import org.myclerk.core.crypto.VerifyingKey;
import org.myclerk.core.session.Identity;
import org.myclerk.core.session.Trust;

/**
 * The roots a node trusts, the certificates it has seen, and those that were taken back (profile §10).
 * Trusted are the own family with every role, the home authority with {@code admin} at this node, and other
 * families with the roles allowed to each. Nothing is trusted because it came first.
 *
 * <p>Durable in the buckets {@code core.certificates}, {@code core.revocations}, {@code core.families} and
 * {@code core.invitations}. Thread-safe; what {@link Trust} declares does no I/O.
 */
public final class TrustStore implements Trust {

    /** Verified certificates whose signatures are not checked again. */
    private static final int CACHED = 1024;

    /** Certificates of other families that are remembered; more only means that those nodes do not resume. */
    private static final int FOREIGN = 4096;

    private static final System.Logger LOG = System.getLogger("org.myclerk.core");
    private static final String CERTIFICATES = "core.certificates";
    private static final String REVOCATIONS = "core.revocations";
    private static final String FAMILIES = "core.families";
    private static final Comparator<Certificate> NEWEST =
            Comparator.<Certificate>comparingLong(each -> each.body().exp())
                    .thenComparingLong(Certificate::serial);
    private static final PayloadCodec<Federated> FEDERATED = PayloadCodec.of(Federated.class);

    /** Another family's root in the store, under the family id in hexadecimal. */
    public record Federated(@Size(min = 32, max = 32) Bytes root, List<String> roles) {
    }

    /**
     * A root that is trusted.
     *
     * @param key Ed25519 public key
     * @param allowed roles it may give, {@code null} for all
     * @param owner whether it is the home authority
     */
    record Root(Bytes key, Set<String> allowed, boolean owner) {

        static Root of(Bytes key) {
            return new Root(key, null, false);
        }

        /**
         * The certified roles that this root may give; {@code joining} and {@code owner} come from no
         * certificate.
         */
        Identity identity(Certificate certificate) {
            Set<String> roles = new TreeSet<>(certificate.body().roles());
            roles.remove(Roles.JOINING);
            roles.remove(Roles.OWNER);
            if (allowed != null) {
                roles.retainAll(allowed);
            }
            if (owner) {
                roles.add(Roles.OWNER);
            }
            return new Identity(certificate.node(), certificate.name(), Set.copyOf(roles),
                    certificate.family(),
                    certificate.serial(), certificate.body().exp(),
                    new VerifyingKey(certificate.body().key()),
                    certificate.encoded());
        }
    }

    /**
     * A certificate whose signature was verified, and whom it makes of its node under a root: all its
     * sessions' peer.
     */
    private record Verified(Certificate certificate, Root root, Identity identity) {
    }

    private final Home home;
    private final TrustedClock clock;
    private final WriteBehind writer;
    private final Invitations invitations;
    private final List<Consumer<RevocationList>> listeners = new CopyOnWriteArrayList<>();

    private final Object lock = new Object();
    private final Map<Bytes, Federated> federated = new HashMap<>();
    private final Map<Bytes, RevocationList> revocations = new HashMap<>();
    private final Map<Bytes, List<Certificate>> known = new HashMap<>();
    private final Map<Bytes, Verified> verified = new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Bytes, Verified> eldest) {
            return size() > CACHED;
        }
    };
    private volatile Map<Bytes, Root> roots = Map.of();

    /** Reads what is stored; entries that are damaged or of families no longer trusted are taken out. */
    public TrustStore(Home home, Store store, TrustedClock clock) {
        this.home = home;
        this.clock = clock;
        this.writer = new WriteBehind(store);
        this.invitations = new Invitations(store, writer);
        for (Store.Entry entry : store.all(FAMILIES)) {
            try {
                federated.put(Bytes.ofHex(entry.key()), Maps.read(FEDERATED, entry.value(), "family"));
            } catch (Malformed | IllegalArgumentException damaged) {
                writer.remove(FAMILIES, entry.key());
            }
        }
        familyChanged();
        for (Store.Entry entry : store.all(REVOCATIONS)) {
            if (!loadRevocations(entry.value())) {
                writer.remove(REVOCATIONS, entry.key());
            }
        }
        for (Store.Entry entry : store.all(CERTIFICATES)) {
            if (!loadCertificate(entry.value())) {
                writer.remove(CERTIFICATES, entry.key());
            }
        }
        remember(home.certificate());
    }

    private boolean loadRevocations(Bytes encoded) {
        try {
            RevocationList list = RevocationList.parse(encoded);
            Root root = roots.get(list.family());
            if (root != null && list.signedBy(root.key)) {
                revocations.put(list.family(), list);
                return true;
            }
        } catch (Malformed damaged) {
            LOG.log(Level.WARNING, "a stored revocation list is damaged and left out");
        }
        return false;
    }

    private boolean loadCertificate(Bytes encoded) {
        try {
            Certificate certificate = Certificate.parse(encoded);
            Root root = roots.get(certificate.family());
            if (root != null && certificate.signedBy(root.key)) {
                add(certificate);
                return true;
            }
        } catch (Malformed damaged) {
            LOG.log(Level.WARNING, "a stored certificate is damaged and left out");
        }
        return false;
    }

    /** To be called when the home's membership changed: its root is the one trusted from now on. */
    void familyChanged() {
        Membership membership = home.membership();
        Certificate own = membership.certificate();
        clock.within(own.body().nbf(), own.body().exp());
        synchronized (lock) {
            Map<Bytes, Root> next = new HashMap<>();
            federated.forEach((family, other) ->
                    next.put(family, new Root(other.root, Set.copyOf(other.roles), false)));
            Bytes authority = home.authority();
            next.put(Bytes.wrap(KeySchedule.familyId(authority.toArray())),
                    new Root(authority, Set.of(Roles.ADMIN), true));
            next.put(own.family(), Root.of(membership.root()));
            roots = Map.copyOf(next);
            for (List<Certificate> certificates : List.copyOf(known.values())) {
                for (Certificate certificate : List.copyOf(certificates)) {
                    if (!roots.containsKey(certificate.family())) {
                        forget(certificate);
                    }
                }
            }
            for (Bytes family : List.copyOf(revocations.keySet())) {
                if (!roots.containsKey(family)) {
                    revocations.remove(family);
                    writer.remove(REVOCATIONS, family.toHex());
                }
            }
        }
    }

    @Override
    public Identity verify(Bytes encoded, long now) throws Malformed {
        Bytes hash = Bytes.wrap(Crypto.sha256(encoded.toArray()));
        Verified seen;
        synchronized (lock) {
            seen = verified.get(hash);
        }
        Certificate certificate = seen != null ? seen.certificate : Certificate.parse(encoded);
        Root root = roots.get(certificate.family());
        if (root == null) {
            throw new Malformed("certificate of a family that is not trusted");
        }
        checkDates(certificate, clock, now);
        if (revoked(certificate.family(), certificate.serial())) {
            throw new Malformed("certificate is revoked");
        }
        if (seen == null && !certificate.signedBy(root.key)) {
            throw new Malformed("certificate has a wrong signature");
        }
        Verified good = seen != null && seen.root == root ? seen
                : new Verified(certificate, root, root.identity(certificate));
        synchronized (lock) {
            verified.put(hash, good);
            if (foreign(certificate) && known.getOrDefault(certificate.node(), List.of()).stream()
                    .anyMatch(other -> !foreign(other))) {
                throw new Malformed("certificate of another family for a node of this one");
            }
            remember(certificate);
        }
        return good.identity;
    }

    /** A clock that runs behind cannot say whether a certificate has begun. */
    static void checkDates(Certificate certificate, TrustedClock clock, long now) throws Malformed {
        if (certificate.expired(clock.certain(now))) {
            throw new Malformed("certificate has expired");
        }
        if (!certificate.begun(now) && !clock.suspicious(now)) {
            throw new Malformed("certificate is not valid yet");
        }
    }

    @Override
    public boolean stillValid(Identity identity, long now) {
        return roots.containsKey(identity.family()) && clock.certain(now) <= identity.expires()
                && !revoked(identity.family(), identity.serial());
    }

    @Override
    public Optional<Identity> current(Bytes node, long now) {
        List<Certificate> certificates;
        synchronized (lock) {
            certificates = List.copyOf(known.getOrDefault(node, List.of()));
        }
        Certificate newest = null;
        for (Certificate each : certificates) {
            // Two families that certify one node id: a ticket does not say which of them its holder showed.
            if (!each.family().equals(certificates.getFirst().family())) {
                return Optional.empty();
            }
            if (inForce(each, now) && (newest == null || NEWEST.compare(each, newest) > 0)) {
                newest = each;
            }
        }
        Root root = newest == null ? null : roots.get(newest.family());
        return root == null ? Optional.empty() : Optional.of(root.identity(newest));
    }

    private boolean inForce(Certificate certificate, long now) {
        try {
            checkDates(certificate, clock, now);
            return !revoked(certificate.family(), certificate.serial());
        } catch (Malformed outOfDate) {
            return false;
        }
    }

    @Override
    public void offered(Bytes encoded) {
        RevocationList list;
        try {
            list = RevocationList.parse(encoded);
        } catch (Malformed noList) {
            return;
        }
        Root root = roots.get(list.family());
        if (root == null || !newer(list) || !list.signedBy(root.key)) {
            return;
        }
        synchronized (lock) {
            if (!newer(list) || !roots.containsKey(list.family())) {
                return;
            }
            revocations.put(list.family(), list);
            writer.put(REVOCATIONS, list.family().toHex(), list.encoded());
        }
        listeners.forEach(listener -> listener.accept(list));
    }

    private boolean newer(RevocationList list) {
        synchronized (lock) {
            RevocationList current = revocations.get(list.family());
            return current == null || list.number() > current.number();
        }
    }

    @Override
    public Optional<PreSharedKey> preSharedKey(Bytes id, long now) {
        Optional<PreSharedKey> family = familyKey().filter(key -> key.id().equals(id));
        return family.isPresent() ? family
                : invitations.open(id, clock.certain(now)).map(secret -> new PreSharedKey(id, secret, true));
    }

    /** The own family's pre-shared key, if it has one: to be offered when a session is opened. */
    public Optional<PreSharedKey> familyKey() {
        return home.membership().psk().map(psk -> {
            Secret secret = Secret.wrap(psk.toArray());
            return new PreSharedKey(Bytes.wrap(KeySchedule.pskId(secret)), secret, false);
        });
    }

    @Override
    public boolean invitationTried(PreSharedKey invitation, Bytes joiningKey, boolean verified) {
        return invitations.tried(invitation.id(), joiningKey, verified);
    }

    /**
     * Is told of each revocation list right after it came into force, on the thread that brought it: it must
     * not block. Sessions whose identity is no longer {@link #stillValid} end then.
     */
    public void onRevocation(Consumer<RevocationList> listener) {
        listeners.add(listener);
    }

    public void removeListener(Consumer<RevocationList> listener) {
        listeners.remove(listener);
    }

    /** The own family's list in force, to travel with handshakes. */
    public Optional<Bytes> ownRevocations() {
        return revocations().map(RevocationList::encoded);
    }

    Optional<RevocationList> revocations() {
        synchronized (lock) {
            return Optional.ofNullable(revocations.get(ownFamily()));
        }
    }

    /** Whether a list in force names a certificate. */
    public boolean revoked(Bytes family, long serial) {
        synchronized (lock) {
            RevocationList list = revocations.get(family);
            return list != null && list.names(serial);
        }
    }

    /**
     * Trusts another family, durably.
     *
     * @param rootKey Ed25519 public key, 32 bytes
     * @param roles that its certificates may give at this node
     * @throws IllegalArgumentException if it is the own family or the home authority
     */
    public void federate(Bytes rootKey, Set<String> roles) {
        Bytes family = Bytes.wrap(KeySchedule.familyId(rootKey.toArray()));
        if (family.equals(ownFamily()) || rootKey.equals(home.authority())) {
            throw new IllegalArgumentException("this family is trusted already");
        }
        Federated other = new Federated(rootKey, List.copyOf(new TreeSet<>(roles)));
        synchronized (lock) {
            federated.put(family, other);
            writer.put(FAMILIES, family.toHex(), Maps.write(FEDERATED, other));
        }
        familyChanged();
        flush();
    }

    /** Trusts another family no longer, durably. Its sessions are to be ended with {@link #stillValid}. */
    public void unfederate(Bytes family) {
        synchronized (lock) {
            federated.remove(family);
            writer.remove(FAMILIES, family.toHex());
        }
        familyChanged();
        flush();
    }

    private Bytes ownFamily() {
        return home.certificate().family();
    }

    private boolean foreign(Certificate certificate) {
        return federated.containsKey(certificate.family());
    }

    Invitations invitations() {
        return invitations;
    }

    /** The own family's certificates that this node issued or saw. */
    List<Certificate> family() {
        Bytes own = ownFamily();
        synchronized (lock) {
            return known.values().stream().flatMap(List::stream).filter(each -> each.family().equals(own))
                    .toList();
        }
    }

    void remember(Certificate certificate) {
        synchronized (lock) {
            List<Certificate> of = known.getOrDefault(certificate.node(), List.of());
            if (of.stream().noneMatch(each -> each.encoded().equals(certificate.encoded()))
                    && !(foreign(certificate) && countForeign() >= FOREIGN)) {
                add(certificate);
                writer.put(CERTIFICATES, place(certificate), certificate.encoded());
            }
        }
    }

    private void add(Certificate certificate) {
        known.computeIfAbsent(certificate.node(), _ -> new ArrayList<>()).add(certificate);
    }

    private long countForeign() {
        return known.values().stream().flatMap(List::stream).filter(this::foreign).count();
    }

    private void forget(Certificate certificate) {
        List<Certificate> of = known.get(certificate.node());
        of.remove(certificate);
        if (of.isEmpty()) {
            known.remove(certificate.node());
        }
        writer.remove(CERTIFICATES, place(certificate));
    }

    /** Forgets certificates that certainly ran out more than a day ago: no ticket rests on them any more. */
    void purge() {
        long time = clock.bound() - 86_400;
        synchronized (lock) {
            for (List<Certificate> certificates : List.copyOf(known.values())) {
                for (Certificate certificate : List.copyOf(certificates)) {
                    if (certificate.expired(time)) {
                        forget(certificate);
                    }
                }
            }
        }
    }

    private static String place(Certificate certificate) {
        return "%s/%s/%016x".formatted(certificate.node().toHex(), certificate.family().toHex(),
                certificate.serial());
    }

    /**
     * Waits until everything so far is durable.
     *
     * @throws org.myclerk.api.store.StoreException if it is not
     */
    public void flush() {
        writer.flush();
    }
}
