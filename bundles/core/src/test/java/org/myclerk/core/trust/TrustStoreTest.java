package org.myclerk.core.trust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.myclerk.core.trust.TestNode.DAY;
import static org.myclerk.core.trust.TestNode.NOW;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.core.crypto.Crypto;
import org.myclerk.core.crypto.KeySchedule;
import org.myclerk.core.crypto.Secret;
import org.myclerk.core.session.Identity;
import org.myclerk.core.session.Trust.PreSharedKey;

@Timeout(60)
class TrustStoreTest {

    private static final Bytes KEY = Bytes.wrap(Crypto.random(new Random(5), 32));

    @TempDir
    private Path folder;
    private TestNode node;
    private TrustStore trust;
    private Secret root;
    private final Secret other = Secret.wrap(Crypto.random(new Random(9), 32));
    private long serial = 100;

    @BeforeEach
    void start() throws IOException, Refused {
        node = TestNode.start(folder.resolve("hub"));
        trust = node.trust();
        root = node.home().root().orElseThrow().open(Optional.empty());
    }

    private static Bytes id(int number) {
        return Bytes.wrap(Crypto.random(new Random(number), 16));
    }

    private Certificate certificate(Secret root, Bytes node, long from, long to, String... roles) {
        return Certificate.issue(root, new Certificate.Body(0, Home.familyOf(KeyFile.publicKey(root)),
                serial++, node, KEY, List.of(roles), from, to, Optional.of("n" + serial)));
    }

    private RevocationList list(Secret root, long number, Long... serials) {
        return RevocationList.issue(root,
                new RevocationList.Body(0, Home.familyOf(KeyFile.publicKey(root)), number, NOW,
                NOW + 30 * DAY, List.of(serials)));
    }

    private String refusal(Certificate certificate, long now) {
        return assertThrows(Malformed.class, () -> trust.verify(certificate.encoded(), now)).getMessage();
    }

    @Test
    void believesTheOwnFamilyWithEveryRole() throws Malformed {
        Certificate certificate =
                certificate(root, id(1), NOW, NOW + DAY, "admin", "hub", "gardener", "joining", "owner");
        Identity identity = trust.verify(certificate.encoded(), NOW);
        assertEquals(id(1), identity.node());
        assertEquals(Set.of("admin", "hub", "gardener"), identity.roles());
        assertEquals(certificate.family(), identity.family());
        assertEquals(certificate.serial(), identity.serial());
        assertEquals(NOW + DAY, identity.expires());
        assertEquals(KEY, identity.key().encoded());
        assertEquals(certificate.name(), identity.name());
        assertEquals(certificate.encoded(), identity.certificate());
    }

    @Test
    void believesTheHomesOperatorAsAdministratorAndOwner() throws Malformed {
        Identity operator = trust.verify(node.home().operator().certificate().orElseThrow(), NOW);
        assertEquals(Set.of("admin", "owner"), operator.roles());
        assertEquals("ada", operator.name());
    }

    @Test
    void believesNoOtherHomesOperator() throws IOException {
        TestNode stranger = TestNode.start(folder.resolve("stranger"));
        Bytes operator = stranger.home().operator().certificate().orElseThrow();
        assertThrows(Malformed.class, () -> trust.verify(operator, NOW));
    }

    @Test
    void believesNobodyOfAnUnknownFamily() {
        assertEquals("certificate of a family that is not trusted",
                refusal(certificate(other, id(1), NOW, NOW + DAY, "admin"), NOW));
    }

    @Test
    void refusesEverySingleBitChangeAlsoOfACertificateSeenBefore() throws Malformed {
        Certificate certificate = certificate(root, id(1), NOW, NOW + DAY, "member");
        trust.verify(certificate.encoded(), NOW);
        Mutations.eachBit(certificate.encoded().toArray(), changed -> trust.verify(changed, NOW) != null);
    }

    @Test
    void checksTheDatesEachTime() throws Malformed {
        Certificate certificate = certificate(root, id(1), NOW, NOW + DAY, "member");
        Identity identity = trust.verify(certificate.encoded(), NOW - 300);
        trust.verify(certificate.encoded(), NOW + DAY);
        assertEquals("certificate is not valid yet",
                refusal(certificate(root, id(1), NOW + 1000, NOW + DAY), NOW + 699));
        assertEquals("certificate has expired", refusal(certificate, NOW + DAY + 1));
        assertTrue(trust.stillValid(identity, NOW + DAY));
        assertFalse(trust.stillValid(identity, NOW + DAY + 1));
        assertTrue(trust.current(id(1), NOW).isPresent());
        assertEquals(Optional.empty(), trust.current(id(1), NOW + DAY + 1));
    }

    @Test
    void checksDatesAgainstTheBoundWhileTheClockIsBehind() throws Malformed {
        assertEquals("certificate has expired",
                refusal(certificate(root, id(1), NOW - 10 * DAY, NOW - DAY), 1000));
        Identity identity = trust.verify(certificate(root, id(2), NOW + DAY, NOW + 2 * DAY).encoded(), 1000);
        assertTrue(trust.stillValid(identity, 1000));
    }

    @Test
    void letsAFederatedFamilyGiveOnlyTheRolesItMay() throws Malformed, IOException {
        trust.federate(KeyFile.publicKey(other), Set.of("member", "guest"));
        Certificate certificate = certificate(other, id(1), NOW, NOW + DAY, "admin", "guest");
        assertEquals(Set.of("guest"), trust.verify(certificate.encoded(), NOW).roles());
        TestNode restarted = node.restarted(NOW);
        assertEquals(Set.of("guest"), restarted.trust().verify(certificate.encoded(), NOW).roles());
        assertEquals(Set.of("guest"), restarted.trust().current(id(1), NOW).orElseThrow().roles());
    }

    @Test
    void givesAllSessionsOfANodeOneIdentityUntilItsRootChanges() throws Malformed {
        trust.federate(KeyFile.publicKey(other), Set.of("member", "guest"));
        Certificate certificate = certificate(other, id(1), NOW, NOW + DAY, "member", "guest");
        Identity identity = trust.verify(certificate.encoded(), NOW);
        assertSame(identity, trust.verify(certificate.encoded(), NOW));
        trust.federate(KeyFile.publicKey(other), Set.of("guest"));
        assertEquals(Set.of("guest"), trust.verify(certificate.encoded(), NOW).roles());
    }

    @Test
    void believesAFederatedFamilyNoLongerThanWanted() throws Malformed, IOException {
        trust.federate(KeyFile.publicKey(other), Set.of("member"));
        Certificate certificate = certificate(other, id(1), NOW, NOW + DAY, "member");
        Identity identity = trust.verify(certificate.encoded(), NOW);
        trust.offered(list(other, 1).encoded());
        trust.unfederate(certificate.family());
        assertFalse(trust.stillValid(identity, NOW));
        assertEquals(Optional.empty(), trust.current(id(1), NOW));
        refusal(certificate, NOW);
        assertEquals(List.of(), node.store().all("core.families"));
        assertEquals(List.of(), node.store().all("core.revocations"));
        assertThrows(Malformed.class, () -> node.restarted(NOW).trust().verify(certificate.encoded(), NOW));
    }

    @Test
    void neverFederatesWithItself() {
        Bytes own = node.home().membership().root();
        assertThrows(IllegalArgumentException.class, () -> trust.federate(own, Set.of("guest")));
        Bytes authority = node.home().authority();
        assertThrows(IllegalArgumentException.class, () -> trust.federate(authority, Set.of("guest")));
    }

    @Test
    void letsNoOtherFamilyTakeTheNodeIdOfAMember() throws Malformed {
        trust.federate(KeyFile.publicKey(other), Set.of("guest"));
        trust.verify(certificate(root, id(1), NOW, NOW + DAY, "admin").encoded(), NOW);
        assertEquals("certificate of another family for a node of this one",
                refusal(certificate(other, id(1), NOW, NOW + DAY, "guest"), NOW));
        assertEquals(Set.of("admin"), trust.current(id(1), NOW).orElseThrow().roles());
    }

    @Test
    void resumesNobodyWhoseNodeIdTwoFamiliesCertified() throws Malformed {
        trust.federate(KeyFile.publicKey(other), Set.of("guest"));
        trust.verify(certificate(other, id(1), NOW, NOW + DAY, "guest").encoded(), NOW);
        trust.verify(certificate(root, id(1), NOW, NOW + DAY, "admin").encoded(), NOW);
        assertEquals(Optional.empty(), trust.current(id(1), NOW));
    }

    @Test
    void takesTheNewestCertificateInForceForResumption() throws Malformed, IOException {
        Certificate old = certificate(root, id(1), NOW - 9 * DAY, NOW + DAY, "guest");
        Certificate renewed = certificate(root, id(1), NOW - 9 * DAY, NOW + 9 * DAY, "member");
        trust.verify(renewed.encoded(), NOW);
        trust.verify(old.encoded(), NOW);
        assertEquals(Set.of("member"), trust.current(id(1), NOW).orElseThrow().roles());
        TestNode restarted = node.restarted(NOW);
        assertEquals(Set.of("member"), restarted.trust().current(id(1), NOW).orElseThrow().roles());
        restarted.trust().offered(list(root, 1, renewed.serial()).encoded());
        assertEquals(Set.of("guest"), restarted.trust().current(id(1), NOW).orElseThrow().roles());
        assertEquals(Optional.empty(), restarted.trust().current(id(2), NOW));
    }

    @Test
    void appliesARevocationListAtOnceAndTellsItsListeners() throws Malformed {
        Certificate certificate = certificate(root, id(1), NOW, NOW + DAY, "member");
        Identity identity = trust.verify(certificate.encoded(), NOW);
        List<Long> heard = new ArrayList<>();
        Consumer<RevocationList> listener = list -> {
            assertFalse(trust.stillValid(identity, NOW));
            heard.add(list.number());
        };
        trust.onRevocation(listener);
        trust.offered(list(root, 5, certificate.serial()).encoded());
        assertEquals(List.of(5L), heard);
        assertEquals("certificate is revoked", refusal(certificate, NOW));
        assertEquals(Optional.empty(), trust.current(id(1), NOW));
        assertEquals(list(root, 5, certificate.serial()).encoded(), trust.ownRevocations().orElseThrow());
        trust.removeListener(listener);
        trust.offered(list(root, 6, certificate.serial()).encoded());
        assertEquals(List.of(5L), heard);
    }

    @Test
    void replacesARevocationListByAHigherNumberOnly() throws IOException {
        trust.offered(list(root, 5, 1L).encoded());
        trust.offered(list(root, 5, 2L).encoded());
        trust.offered(list(root, 4, 3L).encoded());
        assertTrue(trust.revoked(Home.familyOf(KeyFile.publicKey(root)), 1));
        assertFalse(trust.revoked(Home.familyOf(KeyFile.publicKey(root)), 2));
        trust.offered(list(root, 6, 4L).encoded());
        assertFalse(trust.revoked(Home.familyOf(KeyFile.publicKey(root)), 1));
        assertTrue(node.restarted(NOW).trust().revoked(Home.familyOf(KeyFile.publicKey(root)), 4));
    }

    @Test
    void ignoresRevocationListsThatDoNotVerify() {
        trust.offered(list(root, 1).encoded());
        Bytes before = trust.ownRevocations().orElseThrow();
        trust.offered(list(other, 9).encoded());
        trust.offered(Bytes.EMPTY);
        Mutations.eachBit(list(root, 2, 7L).encoded().toArray(), changed -> {
            trust.offered(changed);
            return !trust.ownRevocations().orElseThrow().equals(before);
        });
    }

    @Test
    void neverWaitsForTheStore() throws Malformed {
        trust.flush();
        node.store().gate = new CountDownLatch(1);
        Certificate certificate = certificate(root, id(1), NOW, NOW + DAY, "member");
        trust.verify(certificate.encoded(), NOW);
        trust.offered(list(root, 1, certificate.serial()).encoded());
        assertEquals(List.of(), node.store().all("core.revocations"));
        node.store().gate.countDown();
        trust.flush();
        assertEquals(1, node.store().all("core.revocations").size());
    }

    @Test
    void leavesOutWhatIsDamagedInTheStore() throws IOException {
        trust.offered(list(root, 1).encoded());
        trust.flush();
        MemoryStore store = node.store();
        String family = Home.familyOf(KeyFile.publicKey(root)).toHex();
        store.put("core.revocations", family, list(other, 1).encoded());
        store.put("core.revocations", "x", Bytes.EMPTY);
        store.put("core.certificates", "a", certificate(other, id(1), NOW, NOW + DAY).encoded());
        store.put("core.certificates", "b", Bytes.EMPTY);
        store.put("core.families", "zz", Bytes.EMPTY);
        store.put("core.invitations", "zz", Bytes.EMPTY);
        TestNode restarted = node.restarted(NOW);
        restarted.trust().flush();
        assertEquals(Optional.empty(), restarted.trust().ownRevocations());
        assertEquals(List.of(), store.all("core.revocations"));
        assertEquals(1, store.all("core.certificates").size());
        assertEquals(List.of(), store.all("core.families"));
        assertEquals(List.of(), store.all("core.invitations"));
    }

    @Test
    void remembersManyCertificatesOfTheFamilyButBoundsThoseOfOthers() throws Malformed {
        trust.federate(KeyFile.publicKey(other), Set.of("guest"));
        for (int i = 0; i < 4100; i++) {
            trust.remember(certificate(other, id(1000 + i), NOW, NOW + DAY));
        }
        assertTrue(trust.current(id(1000), NOW).isPresent());
        assertEquals(Optional.empty(), trust.current(id(1000 + 4099), NOW));
        trust.remember(certificate(root, id(9999), NOW, NOW + DAY));
        assertTrue(trust.current(id(9999), NOW).isPresent());
    }

    @Test
    void forgetsCertificatesThatCertainlyRanOut() {
        Certificate old = certificate(root, id(1), NOW - 9 * DAY, NOW - DAY - 1);
        Certificate recent = certificate(root, id(2), NOW - 9 * DAY, NOW - DAY);
        trust.remember(old);
        trust.remember(recent);
        trust.purge();
        assertEquals(List.of(node.id(), id(2)).stream().map(Bytes::toHex).sorted().toList(),
                trust.family().stream().map(each -> each.node().toHex()).sorted().toList());
        trust.flush();
        assertEquals(2, node.store().all("core.certificates").size());
    }

    @Test
    void checksSignaturesOfMoreCertificatesThanItCaches() throws Malformed {
        for (int i = 0; i < 1100; i++) {
            trust.verify(certificate(root, id(i), NOW, NOW + DAY).encoded(), NOW);
        }
        assertTrue(trust.current(id(0), NOW).isPresent());
    }

    @Test
    void staysConsistentUnderManyThreads() throws Exception {
        List<Certificate> certificates = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            certificates.add(certificate(root, id(i), NOW, NOW + DAY, "member"));
        }
        Long[] serials = certificates.stream().limit(32).map(Certificate::serial).toArray(Long[]::new);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (Certificate each : certificates) {
                all.add(threads.submit(() -> {
                    try {
                        trust.verify(each.encoded(), NOW);
                    } catch (Malformed revoked) {
                        assertTrue(trust.revoked(each.family(), each.serial()));
                    }
                    return trust.current(each.node(), NOW);
                }));
            }
            for (int number = 1; number <= 32; number++) {
                Bytes list = list(root, number, Arrays.copyOf(serials, number)).encoded();
                all.add(threads.submit(() -> trust.offered(list)));
            }
            for (Future<?> each : all) {
                each.get();
            }
        }
        assertEquals(32, trust.revocations().orElseThrow().number());
        for (Certificate each : certificates) {
            assertEquals(List.of(serials).contains(each.serial()), trust.current(each.node(), NOW).isEmpty());
        }
        TestNode restarted = node.restarted(NOW);
        assertEquals(32, restarted.trust().revocations().orElseThrow().number());
    }

    @Test
    void offersThePreSharedKeyOfTheFamily() throws Exception {
        assertEquals(Optional.empty(), trust.familyKey());
        Secret psk = Secret.wrap(Crypto.random(new Random(3), 32));
        Membership now = node.home().membership();
        node.home().member(new Membership(0, now.root(), now.cert(), Optional.of(Bytes.wrap(psk.bytes())),
                Optional.empty()));
        PreSharedKey key = trust.familyKey().orElseThrow();
        assertEquals(Bytes.wrap(KeySchedule.pskId(psk)), key.id());
        assertEquals(psk, key.secret());
        assertFalse(key.invitation());
        assertEquals(Optional.of(key), trust.preSharedKey(key.id(), NOW));
        assertEquals(Optional.empty(), trust.preSharedKey(Bytes.ofHex("0011223344556677"), NOW));
    }
}
