package org.myclerk.core.session;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.payload.Bytes;
import org.myclerk.core.crypto.Crypto;
import org.myclerk.core.crypto.KeySchedule;
import org.myclerk.core.crypto.Secret;
import org.myclerk.core.crypto.VerifyingKey;
import org.myclerk.core.trust.Certificate;

/** A node of a family, with everything in memory. */
final class TestNode implements Credentials, Trust {

    static final Secret ROOT = Secret.wrap(filled(32, 0x51));

    final Secret seed;
    final Bytes root;
    Bytes id;
    Optional<Bytes> certificate;
    Optional<Bytes> revocations = Optional.empty();
    final Set<Long> revoked = new HashSet<>();
    final Map<Bytes, PreSharedKey> keys = new HashMap<>();
    final Map<Bytes, Bytes> known = new HashMap<>();
    int offers;
    int failures;
    int joined;
    boolean invitationUsedUp;

    TestNode(Secret seed, Bytes root, Bytes id, Optional<Bytes> certificate) {
        this.seed = seed;
        this.root = root;
        this.id = id;
        this.certificate = certificate;
    }

    static byte[] filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    static Bytes rootKey() {
        return Bytes.wrap(Crypto.ed25519PublicKey(ROOT.bytes()));
    }

    /** A member of the family, its id and key made of a number. */
    static TestNode member(int number) {
        return member(number, number, End.TIME + 86_400L * 100);
    }

    static TestNode member(int number, long serial, long expires) {
        Secret seed = Secret.wrap(filled(32, number));
        Bytes id = Bytes.wrap(filled(16, number));
        Bytes key = Bytes.wrap(Crypto.ed25519PublicKey(seed.bytes()));
        Certificate certificate = Certificate.issue(ROOT, new Certificate.Body(0,
                Bytes.wrap(KeySchedule.familyId(rootKey().toArray())), serial, id, key, List.of("member"),
                End.TIME - 1000, expires, Optional.of("node" + number)));
        return new TestNode(seed, rootKey(), id, Optional.of(certificate.encoded()));
    }

    /** One that has only its key and an invitation. */
    static TestNode stranger(int number) {
        return new TestNode(Secret.wrap(filled(32, number)), rootKey(), Bytes.EMPTY, Optional.empty());
    }

    static PreSharedKey key(int number, boolean invitation) {
        Secret secret = Secret.wrap(filled(32, number));
        return new PreSharedKey(Bytes.wrap(KeySchedule.pskId(secret)), secret, invitation);
    }

    TestNode knows(PreSharedKey key) {
        keys.put(key.id(), key);
        return this;
    }

    @Override
    public Bytes node() {
        return id;
    }

    @Override
    public Bytes publicKey() {
        return Bytes.wrap(Crypto.ed25519PublicKey(seed.bytes()));
    }

    @Override
    public Optional<Bytes> certificate() {
        return certificate;
    }

    @Override
    public byte[] sign(String label, byte[] message) {
        return KeySchedule.sign(seed, publicKey().toArray(), label, message);
    }

    @Override
    public Optional<Bytes> revocations() {
        return revocations;
    }

    @Override
    public Identity verify(Bytes encoded, long now) throws Malformed {
        Certificate parsed = Certificate.parse(encoded);
        if (!parsed.signedBy(root) || parsed.expired(now) || !parsed.begun(now)
                || revoked.contains(parsed.serial())) {
            throw new Malformed("not believed");
        }
        known.put(parsed.node(), encoded);
        return new Identity(parsed.node(), parsed.name(), Set.copyOf(parsed.body().roles()), parsed.family(),
                parsed.serial(), parsed.body().exp(), new VerifyingKey(parsed.body().key()), encoded);
    }

    @Override
    public boolean stillValid(Identity identity, long now) {
        return now <= identity.expires() && !revoked.contains(identity.serial());
    }

    @Override
    public Optional<Identity> current(Bytes node, long now) {
        try {
            return known.containsKey(node) ? Optional.of(verify(known.get(node), now)) : Optional.empty();
        } catch (Malformed invalid) {
            return Optional.empty();
        }
    }

    @Override
    public void offered(Bytes list) {
        offers++;
    }

    @Override
    public Optional<PreSharedKey> preSharedKey(Bytes id, long now) {
        return Optional.ofNullable(keys.get(id));
    }

    @Override
    public boolean invitationTried(PreSharedKey invitation, Bytes joiningKey, boolean verified) {
        if (!verified) {
            failures++;
            return true;
        }
        if (invitationUsedUp) {
            return false;
        }
        joined++;
        invitationUsedUp = true;
        return true;
    }
}
