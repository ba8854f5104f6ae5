package org.myclerk.core.trust;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.myclerk.core.trust.TestNode.AT;
import static org.myclerk.core.trust.TestNode.DAY;
import static org.myclerk.core.trust.TestNode.NOW;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.myclerk.api.node.Family.Enrolment;
import org.myclerk.api.node.Family.Member;
import org.myclerk.api.node.Family.State;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.core.crypto.Crypto;
import org.myclerk.core.crypto.KeySchedule;
import org.myclerk.core.crypto.Secret;
import org.myclerk.core.crypto.VerifyingKey;
import org.myclerk.core.session.Identity;
import org.myclerk.core.session.Trust;
import org.myclerk.core.session.Trust.PreSharedKey;

@Timeout(120)
class HomeFamilyTest {

    private static final Bytes JOINER = KeyFile.publicKey(Secret.wrap(Crypto.random(new Random(77), 32)));
    private static final Optional<char[]> NONE = Optional.empty();

    @TempDir
    private Path folder;
    private TestNode hub;
    private HomeFamily family;

    @BeforeEach
    void start() throws IOException {
        hub = TestNode.start(folder.resolve("hub"));
        family = hub.family();
    }

    private TestNode node(String name) throws IOException {
        return TestNode.start(folder.resolve(name));
    }

    private static Optional<char[]> words(String text) {
        return Optional.of(text.toCharArray());
    }

    private static String refused(Executable call) {
        String message = assertThrows(Refused.class, call).getMessage();
        assertFalse(message.contains("\n"));
        return message;
    }

    private PreSharedKey use(String text, Bytes key) throws Refused {
        return use(hub, text, key);
    }

    private static PreSharedKey use(TestNode at, String text, Bytes key) throws Refused {
        PreSharedKey psk = at.trust().preSharedKey(Invitation.parse(text).pskId(), NOW).orElseThrow();
        assertTrue(at.trust().invitationTried(psk, key, true));
        return psk;
    }

    private Identity identity(TestNode of) throws Malformed {
        return hub.trust().verify(of.certificate().encoded(), of.certificate().body().nbf());
    }

    @Test
    void showsTheFamilyItFounded() {
        State state = family.state();
        assertEquals(hub.certificate().family(), state.id());
        assertTrue(state.rootHere());
        assertFalse(state.rootLocked());
        assertEquals(hub.id(), state.node());
        assertEquals("hub", state.name());
        assertEquals(List.of("admin", "hub"), state.roles());
        assertEquals(NOW + 365 * DAY, state.certificateExpires());
        assertEquals(0, state.revocations());
        assertEquals(List.of(new Member(hub.id(), "hub", List.of("admin", "hub"), hub.certificate().serial(),
                NOW + 365 * DAY, false)), state.members());
    }

    @Test
    void invitesWithRootKeyAddressesAndEnd() throws Refused {
        Invitation invitation = Invitation.parse(hub.invite("member"));
        assertEquals(hub.home().membership().root(), invitation.root());
        assertEquals(NOW + 900, invitation.expires());
        assertEquals(AT, invitation.endpoints());
        PreSharedKey key = hub.trust().preSharedKey(invitation.pskId(), NOW + 900).orElseThrow();
        assertEquals(invitation.psk(), key.secret());
        assertTrue(key.invitation());
        assertEquals(Optional.empty(), hub.trust().preSharedKey(invitation.pskId(), NOW + 901));
    }

    @Test
    void refusesInvitationsThatMakeNoSense() {
        assertTrue(refused(() -> hub.invite("king")).contains("there are admin, hub, member, child, guest"));
        refused(() -> hub.invite("joining"));
        refused(() -> hub.invite("owner"));
        refused(() -> family.invite("member", Duration.ofMinutes(16), AT, NONE, NOW));
        refused(() -> family.invite("member", Duration.ZERO, AT, NONE, NOW));
        refused(() -> family.invite("member", Duration.ofMinutes(1), List.of(), NONE, NOW));
    }

    @Test
    void pairsTwoNodes() throws Exception {
        TestNode pi = node("pi");
        Bytes key = pi.home().joining().publicKey();
        Bytes inviter = pi.join(hub, "member", NOW);
        assertEquals(hub.id(), inviter);
        assertEquals(hub.certificate().family(), pi.family().state().id());
        assertFalse(pi.family().state().rootHere());
        assertEquals(List.of("member"), pi.family().state().roles());
        assertEquals("pi", pi.family().state().name());
        assertEquals(NOW + 365 * DAY, pi.family().state().certificateExpires());
        assertEquals(List.of("hub", "pi"), pi.family().state().members().stream().map(Member::name).toList());
        assertEquals(List.of("hub", "pi"), family.state().members().stream().map(Member::name).toList());
        assertEquals(key, pi.home().node(Optional::empty).publicKey());
        assertEquals(pi.id(), identity(pi).node());
        assertEquals(hub.id(), pi.trust().verify(hub.certificate().encoded(), NOW).node());
        assertTrue(pi.trust().verify(pi.home().operator().certificate().orElseThrow(), NOW).roles()
                .contains("owner"));
        TestNode again = pi.restarted(NOW);
        assertEquals(pi.family().state(), again.family().state());
        assertEquals(Optional.of(hub.id()), again.home().membership().inviter());
        assertFalse(Files.exists(pi.home().folder().resolve(Home.ROOT_KEY)));
    }

    @Test
    void handsOnTheFamilysPreSharedKey() throws Exception {
        Bytes psk = Bytes.wrap(Crypto.random(new Random(4), 32));
        Membership now = hub.home().membership();
        hub.home().member(new Membership(0, now.root(), now.cert(), Optional.of(psk), Optional.empty()));
        TestNode pi = node("pi");
        pi.join(hub, "member", NOW);
        assertEquals(Optional.of(psk), pi.home().membership().psk());
    }

    @Test
    void enrolsOnceForEachInvitation() throws Exception {
        String text = hub.invite("child");
        PreSharedKey psk = use(text, JOINER);
        assertFalse(hub.trust().invitationTried(psk, JOINER, true));
        assertFalse(hub.trust().invitationTried(psk, JOINER, false));
        Enrolment enrolment = family.enrol(JOINER, Optional.of(" tab\u00e9 "), NOW);
        Certificate issued = Certificate.parse(enrolment.cert());
        assertEquals("tab\u00e9", issued.name());
        assertEquals(List.of("child"), issued.body().roles());
        assertEquals(JOINER, issued.body().key());
        assertTrue(hub.store().all("core.certificates").stream()
                .anyMatch(each -> each.value().equals(enrolment.cert())));
        assertEquals(List.of(), hub.store().all("core.invitations"));
        assertTrue(refused(() -> family.enrol(JOINER, Optional.empty(), NOW)).contains("was used already"));
        assertEquals(Optional.empty(), hub.trust().preSharedKey(psk.id(), NOW));
        assertEquals(Optional.empty(), hub.restarted(NOW).trust().preSharedKey(psk.id(), NOW));
    }

    @Test
    void enrolsOnlyTheKeyThatUsedTheInvitation() throws Exception {
        use(hub.invite("admin"), JOINER);
        Bytes other = Bytes.wrap(new byte[32]);
        refused(() -> family.enrol(other, Optional.empty(), NOW));
        assertTrue(Certificate.parse(family.enrol(JOINER, Optional.empty(), NOW).cert()).name()
                .startsWith("node-"));
    }

    @Test
    void enrolsOneOfManyAtOnce() throws Exception {
        use(hub.invite("guest"), JOINER);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Boolean>> all = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                all.add(threads.submit(() -> {
                    try {
                        family.enrol(JOINER, Optional.empty(), NOW);
                        return true;
                    } catch (Refused used) {
                        return false;
                    }
                }));
            }
            int enrolled = 0;
            for (Future<Boolean> each : all) {
                enrolled += each.get() ? 1 : 0;
            }
            assertEquals(1, enrolled);
        }
    }

    @Test
    void burnsAnInvitationAfterFiveFailures() throws Exception {
        Invitation invitation = Invitation.parse(hub.invite("guest"));
        PreSharedKey psk = hub.trust().preSharedKey(invitation.pskId(), NOW).orElseThrow();
        for (int i = 0; i < 4; i++) {
            assertTrue(hub.trust().invitationTried(psk, JOINER, false));
        }
        TestNode restarted = hub.restarted(NOW);
        assertTrue(restarted.trust().preSharedKey(psk.id(), NOW).isPresent());
        assertTrue(restarted.trust().invitationTried(psk, JOINER, false));
        assertEquals(Optional.empty(), restarted.trust().preSharedKey(psk.id(), NOW));
        assertFalse(restarted.trust().invitationTried(psk, JOINER, true));
        assertEquals(Optional.empty(), restarted.restarted(NOW).trust().preSharedKey(psk.id(), NOW));
    }

    @Test
    void keepsInvitationsOverARestart() throws Exception {
        String open = hub.invite("guest");
        String used = hub.invite("member");
        use(used, JOINER);
        TestNode restarted = hub.restarted(NOW);
        assertTrue(restarted.trust().preSharedKey(Invitation.parse(open).pskId(), NOW).isPresent());
        assertEquals(Optional.empty(), restarted.trust().preSharedKey(Invitation.parse(used).pskId(), NOW));
        assertEquals(List.of("member"),
                Certificate.parse(restarted.family().enrol(JOINER, Optional.empty(), NOW).cert()).body()
                        .roles());
    }

    @Test
    void lateRegistrationsAreRefused() throws Exception {
        use(hub.invite("guest"), JOINER);
        refused(() -> family.enrol(JOINER, Optional.empty(), NOW + 900 + 61));
        family.maintain(NOW + 900 + 61);
        hub.trust().flush();
        assertEquals(List.of(), hub.store().all("core.invitations"));
    }

    @Test
    void enrolsNobodyWhoseCertificateIsNotDurable() throws Exception {
        use(hub.invite("guest"), JOINER);
        hub.trust().flush();
        hub.store().full = true;
        Refused failed = assertThrows(Refused.class, () -> family.enrol(JOINER, Optional.empty(), NOW));
        assertEquals(ErrorCode.INTERNAL_ERROR, failed.code());
        assertEquals("the disk is full", failed.getMessage());
        hub.store().full = false;
        Bytes cert = family.enrol(JOINER, Optional.empty(), NOW).cert();
        assertTrue(hub.store().all("core.certificates").stream().anyMatch(each -> each.value().equals(cert)));
    }

    @Test
    void givesEveryCertificateASerialOfItsOwn() throws Exception {
        List<Long> serials = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            Bytes key = Bytes.wrap(Crypto.random(new Random(i), 32));
            use(hub.invite("guest"), key);
            serials.add(Certificate.parse(family.enrol(key, Optional.empty(), NOW).cert()).serial());
        }
        assertEquals(50, serials.stream().distinct().count());
    }

    @Test
    void namesNoTwoNodesAlikeAndRefusesNamesThatCannotBePrinted() throws Exception {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Bytes key = Bytes.wrap(Crypto.random(new Random(i), 32));
            use(hub.invite("guest"), key);
            for (String bad : List.of("", "  ", "a\u001b[2J", "x".repeat(65), "\u202eevil")) {
                refused(() -> family.enrol(key, Optional.of(bad), NOW));
            }
            names.add(Certificate.parse(family.enrol(key, Optional.of("Hub"), NOW).cert()).name());
        }
        assertEquals(List.of("Hub-2", "Hub-3", "Hub-4"), names);
    }

    @Test
    void keepsTheNodeIdOfAKeyItCertifiedBefore() throws Exception {
        use(hub.invite("guest"), JOINER);
        Certificate first = Certificate.parse(family.enrol(JOINER, Optional.of("tab"), NOW).cert());
        use(hub.invite("member"), JOINER);
        Certificate second = Certificate.parse(family.enrol(JOINER, Optional.of("tab"), NOW).cert());
        assertEquals(first.node(), second.node());
        assertEquals("tab", second.name());
        family.revoke("tab", NONE, NOW);
        use(hub.invite("member"), JOINER);
        assertNotEquals(first.node(),
                Certificate.parse(family.enrol(JOINER, Optional.of("tab"), NOW).cert()).node());
    }

    @Test
    void renewsAfterTwoThirdsOfTheTime() throws Exception {
        TestNode pi = node("pi");
        pi.join(hub, "member", NOW);
        Identity caller = identity(pi);
        assertTrue(refused(() -> family.renew(caller, Optional.empty(), NOW + 243 * DAY))
                .contains("is renewed from"));
        assertFalse(pi.family().renewalDue(NOW + 243 * DAY));
        long later = NOW + 244 * DAY;
        assertTrue(pi.family().renewalDue(later));
        Enrolment renewal = family.renew(caller, Optional.empty(), later);
        Bytes id = pi.id();
        pi.family().renewed(renewal, later);
        assertEquals(id, pi.id());
        assertEquals("pi", pi.certificate().name());
        assertEquals(List.of("member"), pi.certificate().body().roles());
        assertEquals(later + 365 * DAY, pi.certificate().body().exp());
        assertFalse(pi.family().renewalDue(later));
        assertEquals(pi.home().membership(), Home.open(pi.home().folder()).membership());
        assertEquals(renewal.cert(), hub.trust().current(id, later).orElseThrow().certificate());
        Enrolment older = new Enrolment(caller.certificate(), Optional.empty());
        assertTrue(refused(() -> pi.family().renewed(older, later)).contains("is older"));
        Certificate renamed = Certificate.parse(family.renew(caller, Optional.of("hub"), later).cert());
        assertEquals("hub-2", renamed.name());
    }

    @Test
    void renewsForNobodyElse() throws Exception {
        TestNode pi = node("pi");
        pi.join(hub, "member", NOW);
        long later = NOW + 300 * DAY;
        Identity caller = identity(pi);
        Identity operator = hub.trust().verify(hub.home().operator().certificate().orElseThrow(), NOW);
        assertTrue(refused(() -> family.renew(operator, Optional.empty(), later))
                .contains("only a node of this family"));
        Identity joining = new Identity(Bytes.EMPTY, "", Set.of(), Bytes.EMPTY, 0, 0,
                new VerifyingKey(JOINER), Bytes.EMPTY);
        assertTrue(refused(() -> family.renew(joining, Optional.empty(), later))
                .contains("only a node of this family"));
        family.revoke("pi", NONE, NOW);
        refused(() -> family.renew(caller, Optional.empty(), later));
    }

    @Test
    void takesNoAnswerThatIsNotForIt() throws Exception {
        TestNode pi = node("pi");
        TestNode tab = node("tab");
        Bytes before = pi.home().membership().cert();
        Invitation invitation = Invitation.parse(hub.invite("member"));
        use(invitation.text(), JOINER);
        Enrolment foreign = family.enrol(JOINER, Optional.empty(), NOW);
        Identity inviter = pi.family().joiningTrust(invitation).verify(hub.certificate().encoded(), NOW);
        assertTrue(refused(() -> pi.family().joined(invitation, inviter, foreign, NOW))
                .startsWith("the answer cannot"));
        Enrolment broken = new Enrolment(Bytes.EMPTY, Optional.empty());
        refused(() -> pi.family().joined(invitation, inviter, broken, NOW));
        assertEquals(before, pi.home().membership().cert());
        use(hub.invite("member"), pi.home().joining().publicKey());
        Bytes cert = family.enrol(pi.home().joining().publicKey(), Optional.empty(), NOW).cert();
        Enrolment shortKey = new Enrolment(cert, Optional.of(Bytes.wrap(new byte[31])));
        assertTrue(refused(() -> pi.family().joined(invitation, inviter, shortKey, NOW))
                .contains("32 bytes"));
        assertEquals(before, pi.home().membership().cert());
        pi.join(hub, "member", NOW);
        tab.join(hub, "member", NOW);
        Enrolment others = new Enrolment(tab.home().membership().cert(), Optional.empty());
        refused(() -> pi.family().renewed(others, NOW));
        use(hub.invite("member"), pi.home().joining().publicKey());
        family.revoke("pi", NONE, NOW);
        Enrolment otherNode = family.enrol(pi.home().joining().publicKey(), Optional.empty(), NOW);
        assertEquals("the certificate is for another node",
                refused(() -> pi.family().renewed(otherNode, NOW)));
    }

    @Test
    void followsNoInvitationThatRanOut() throws Exception {
        TestNode pi = node("pi");
        String text = hub.invite("member");
        assertTrue(refused(() -> pi.family().invitation(text, NOW + 901))
                .startsWith("the invitation ran out at 2026-"));
        assertEquals(Invitation.parse(text), pi.family().invitation(text, NOW + 900));
        assertTrue(refused(() -> pi.family().invitation("nonsense", NOW)).contains("this is no invitation"));
    }

    @Test
    void leavesNoFamilyThatHasAnotherMember() throws Exception {
        TestNode pi = node("pi");
        TestNode third = node("third");
        pi.join(hub, "member", NOW);
        String text = third.invite("guest");
        assertTrue(refused(() -> family.invitation(text, NOW)).contains("has other members"));
        assertTrue(refused(() -> pi.family().invitation(text, NOW)).contains("has other members"));
        String own = hub.invite("member");
        assertTrue(refused(() -> family.invitation(own, NOW)).contains("in that family already"));
        family.revoke("pi", NONE, NOW);
        family.invitation(text, NOW);
        hub.join(third, "guest", NOW);
        assertEquals(third.certificate().family(), family.state().id());
        assertEquals(0, family.state().revocations());
        assertEquals(List.of("hub", "third"), family.state().members().stream().map(Member::name).toList());
        assertEquals(List.of(), hub.store().all("core.revocations"));
    }

    @Test
    void leavesAFamilyThatRevokedIt() throws Exception {
        TestNode pi = node("pi");
        TestNode third = node("third");
        pi.join(hub, "member", NOW);
        family.revoke("pi", NONE, NOW);
        pi.trust().offered(hub.trust().ownRevocations().orElseThrow());
        pi.join(third, "guest", NOW);
        assertEquals(third.certificate().family(), pi.family().state().id());
    }

    @Test
    void givesTheRoleOfTheInvitationUsedLast() throws Exception {
        for (String role : List.of("admin", "hub", "member", "child", "guest")) {
            use(hub.invite(role), JOINER);
            refused(() -> family.enrol(JOINER, Optional.of(""), NOW));
        }
        assertEquals(List.of("guest"),
                Certificate.parse(family.enrol(JOINER, Optional.empty(), NOW).cert()).body().roles());
        refused(() -> family.enrol(JOINER, Optional.empty(), NOW));
    }

    @Test
    void leavesNoFamilyWhoseOnlyKnownMemberInvitedIt() throws Exception {
        TestNode pi = node("pi");
        pi.join(hub, "member", NOW);
        MemoryStore lost = new MemoryStore();
        TestNode forgetful = TestNode.start(pi.home().folder(), lost, NOW);
        String text = node("third").invite("guest");
        assertTrue(refused(() -> forgetful.family().invitation(text, NOW)).contains("has other members"));
    }

    @Test
    void believesWhileJoiningOnlyTheInvitingFamily() throws Exception {
        TestNode pi = node("pi");
        TestNode third = node("third");
        Invitation invitation = Invitation.parse(hub.invite("member"));
        Trust joining = pi.family().joiningTrust(invitation);
        Identity inviter = joining.verify(hub.certificate().encoded(), NOW);
        assertEquals(hub.id(), inviter.node());
        assertTrue(joining.stillValid(inviter, NOW));
        assertFalse(joining.stillValid(inviter, NOW + 366 * DAY));
        assertThrows(Malformed.class, () -> joining.verify(third.certificate().encoded(), NOW));
        assertThrows(Malformed.class, () -> joining.verify(pi.certificate().encoded(), NOW));
        assertThrows(Malformed.class, () -> joining.verify(hub.certificate().encoded(), NOW + 366 * DAY));
        Mutations.eachBit(hub.certificate().encoded().toArray(), changed ->
                joining.verify(changed, NOW) != null);
        PreSharedKey key = joining.preSharedKey(invitation.pskId(), NOW).orElseThrow();
        assertEquals(invitation.psk(), key.secret());
        assertTrue(key.invitation());
        assertEquals(Optional.empty(), joining.preSharedKey(Bytes.EMPTY, NOW));
        assertEquals(Optional.empty(), joining.current(hub.id(), NOW));
        assertFalse(joining.invitationTried(key, JOINER, true));
        joining.offered(Bytes.EMPTY);
        assertTrue(joining.stillValid(inviter, NOW));
    }

    @Test
    void leavesTheOldFamilyOrTheNewAfterACrashWhileJoining() throws Exception {
        TestNode pi = node("pi");
        byte[] rootKey = Files.readAllBytes(pi.home().folder().resolve(Home.ROOT_KEY));
        Bytes oldRoot = pi.home().membership().root();
        Path unfinished = pi.home().folder().resolve(Home.NODE_CERT + ".new");
        Files.write(unfinished, new byte[10]);
        assertEquals(oldRoot, Home.open(pi.home().folder()).membership().root());
        pi.join(hub, "member", NOW);
        OwnerOnlyFiles.write(pi.home().folder().resolve(Home.ROOT_KEY), rootKey);
        TestNode crashed = TestNode.start(pi.home().folder(), pi.store(), NOW);
        assertEquals(hub.certificate().family(), crashed.family().state().id());
        assertFalse(crashed.family().state().rootHere());
        refused(() -> crashed.invite("guest"));
    }

    @Test
    void saysSoIfTheNewFamilyCannotBeWritten() throws Exception {
        TestNode pi = node("pi");
        Invitation invitation = Invitation.parse(hub.invite("member"));
        Files.createDirectories(pi.home().folder().resolve(Home.NODE_CERT + ".new/x"));
        assertTrue(refused(() -> pi.join(hub, invitation, NOW)).startsWith("cannot write"));
        assertEquals(pi.home().membership(), Home.open(pi.home().folder()).membership());
        assertNotEquals(hub.certificate().family(), pi.family().state().id());
    }

    @Test
    void revokesEveryCertificateOfAMember() throws Exception {
        TestNode pi = node("pi");
        pi.join(hub, "member", NOW);
        Identity first = identity(pi);
        long later = NOW + 300 * DAY;
        Identity second = hub.trust().verify(family.renew(first, Optional.empty(), later).cert(), later);
        List<RevocationList> heard = new ArrayList<>();
        hub.trust().onRevocation(heard::add);
        assertEquals(pi.id(), family.revoke("pi", NONE, later));
        assertEquals(1, heard.size());
        assertTrue(heard.getFirst().names(first.serial()) && heard.getFirst().names(second.serial()));
        assertFalse(hub.trust().stillValid(first, later));
        assertFalse(hub.trust().stillValid(second, later));
        assertEquals(1, family.state().revocations());
        assertTrue(family.state().members().stream().filter(each -> each.name().equals("pi"))
                .allMatch(Member::revoked));
        TestNode restarted = hub.restarted(later);
        assertFalse(restarted.trust().stillValid(second, later));
        TestNode tab = node("tab");
        tab.join(restarted, "guest", later);
        tab.trust().offered(restarted.trust().ownRevocations().orElseThrow());
        assertFalse(tab.trust().stillValid(second, later));
        assertEquals(1, tab.family().state().revocations());
        restarted.family().revoke("tab", NONE, later);
        assertEquals(2, restarted.family().state().revocations());
        assertFalse(restarted.trust().stillValid(second, later));
    }

    @Test
    void namesTheMemberToRevokeAsPeersAreNamed() throws Exception {
        TestNode pi = node("pi");
        pi.join(hub, "member", NOW);
        assertTrue(refused(() -> family.revoke("nobody", NONE, NOW)).contains("\"nobody\""));
        assertTrue(refused(() -> family.revoke("", NONE, NOW)).contains("no member"));
        assertTrue(refused(() -> family.revoke(pi.id().toHex().substring(0, 3), NONE, NOW))
                .contains("no member"));
        assertEquals("a node cannot revoke itself", refused(() -> family.revoke("hub", NONE, NOW)));
        refused(() -> pi.family().revoke("hub", NONE, NOW));
        assertEquals(pi.id(), family.revoke(pi.id().toHex().substring(0, 4).toUpperCase(), NONE, NOW));
        use(hub.invite("guest"), JOINER);
        Bytes second = Certificate.parse(family.enrol(JOINER, Optional.of("pi"), NOW).cert()).node();
        assertEquals(second, family.revoke("pi", NONE, NOW));
        assertTrue(refused(() -> family.revoke("pi", NONE, NOW)).contains("2 members"));
    }

    @Test
    void putsTheRootUnderAPassphraseChangesAndRemovesIt() throws Exception {
        Bytes seed = family.exportRoot(NONE);
        char[] given = "correct horse".toCharArray();
        family.passphrase(NONE, Optional.of(given));
        assertArrayEquals(new char[13], given);
        assertTrue(family.state().rootLocked());
        assertTrue(hub.restarted(NOW).family().state().rootLocked());
        byte[] file = Files.readAllBytes(hub.home().folder().resolve(Home.ROOT_KEY));
        assertFalse(HexFormat.of().formatHex(file).contains(seed.toHex()));
        assertTrue(refused(() -> family.exportRoot(NONE)).contains("give the passphrase"));
        assertEquals("wrong passphrase of the root key", refused(() -> family.exportRoot(words("wrong"))));
        refused(() -> family.exportRoot(words("")));
        assertEquals(seed, family.exportRoot(words("correct horse")));
        assertTrue(refused(() -> family.passphrase(words("correct horse"), words(""))).contains("is empty"));
        refused(() -> family.passphrase(words("wrong"), words("x")));
        family.passphrase(words("correct horse"), words("n\u00e4chste"));
        refused(() -> family.exportRoot(words("correct horse")));
        family.passphrase(words("n\u00e4chste"), NONE);
        assertFalse(family.state().rootLocked());
        assertEquals(seed, family.exportRoot(NONE));
    }

    @Test
    void refusesAChangedOrUnknownSealedRoot() throws Exception {
        Secret seed = Secret.wrap(Crypto.random(new Random(8), 32));
        KeyFile good = KeyFile.sealed(seed, "x".toCharArray(), new Random(1));
        KeyFile.Sealed box = good.sealed().orElseThrow();
        byte[] changed = box.box().toArray();
        changed[3] ^= 4;
        KeyFile altered = new KeyFile(0, good.key(), Optional.empty(),
                Optional.of(new KeyFile.Sealed(box.kdf(),
                box.iterations(), box.salt(), box.iv(), Bytes.wrap(changed))));
        refused(() -> altered.open(words("x")));
        KeyFile moved = new KeyFile(0, JOINER, Optional.empty(), good.sealed());
        refused(() -> moved.open(words("x")));
        assertEquals(seed, good.open(words("x")));
        assertThrows(IllegalArgumentException.class,
                () -> new KeyFile.Sealed("md5", 1, box.salt(), box.iv(), box.box()));
        assertThrows(IllegalArgumentException.class,
                () -> new KeyFile(0, JOINER, Optional.empty(), Optional.empty()));
    }

    @Test
    void keepsALockedRootUnlockedUntilTheInvitationIsUsed() throws Exception {
        family.passphrase(NONE, words("secret"));
        refused(() -> hub.invite("guest"));
        refused(() -> family.invite("guest", Duration.ofMinutes(5), AT, words("wrong"), NOW));
        String first = family.invite("guest", Duration.ofMinutes(5), AT, words("secret"), NOW);
        refused(() -> hub.invite("guest"));
        String second = family.invite("guest", Duration.ofMinutes(10), AT, words("secret"), NOW);
        use(first, JOINER);
        family.enrol(JOINER, Optional.empty(), NOW);
        use(second, JOINER);
        family.enrol(JOINER, Optional.empty(), NOW);
        assertTrue(refused(this::renewPretended).contains("under a passphrase"));
    }

    private void renewPretended() throws Refused, Malformed {
        Identity caller = hub.trust().verify(hub.certificate().encoded(), NOW);
        family.renew(caller, Optional.empty(), NOW + 300 * DAY);
    }

    @Test
    void locksTheRootAgainWhenTheInvitationRanOut() throws Exception {
        family.passphrase(NONE, words("secret"));
        family.invite("guest", Duration.ofMinutes(5), AT, words("secret"), NOW);
        renewPretended();
        family.maintain(NOW + 300 + 60);
        renewPretended();
        family.maintain(NOW + 300 + 61);
        assertTrue(refused(this::renewPretended).contains("under a passphrase"));
    }

    @Test
    void redeemsAnOpenInvitationAlthoughTheRootWasLockedMeanwhile() throws Exception {
        String text = hub.invite("guest");
        family.passphrase(NONE, words("secret"));
        use(text, JOINER);
        family.enrol(JOINER, Optional.empty(), NOW);
    }

    @Test
    void saysThatALockedRootCannotRedeemAfterARestart() throws Exception {
        family.passphrase(NONE, words("secret"));
        String text = family.invite("guest", Duration.ofMinutes(5), AT, words("secret"), NOW);
        TestNode restarted = hub.restarted(NOW);
        use(restarted, text, JOINER);
        Refused refused = assertThrows(Refused.class, () ->
                restarted.family().enrol(JOINER, Optional.empty(), NOW));
        assertEquals(ErrorCode.SERVICE_UNAVAILABLE, refused.code());
        assertTrue(refused.getMessage().contains("invite again"));
    }

    @Test
    void takesTheRootOfflineAndBack() throws Exception {
        TestNode pi = node("pi");
        pi.join(hub, "member", NOW);
        Bytes seed = family.exportRoot(NONE);
        family.passphrase(NONE, words("secret"));
        String open = family.invite("guest", Duration.ofMinutes(5), AT, words("secret"), NOW);
        refused(() -> family.forgetRoot(words("wrong")));
        family.forgetRoot(words("secret"));
        assertFalse(family.state().rootHere());
        assertFalse(Files.exists(hub.home().folder().resolve(Home.ROOT_KEY)));
        assertEquals(Optional.empty(), hub.trust().preSharedKey(Invitation.parse(open).pskId(), NOW));
        for (Executable needsRoot
                : List.<Executable>of(() -> hub.invite("guest"), () -> family.revoke("pi", NONE, NOW),
                () -> family.exportRoot(NONE), () -> family.passphrase(NONE, words("x")),
                () -> family.renew(identity(pi), Optional.empty(), NOW + 300 * DAY))) {
            assertTrue(refused(needsRoot).contains("is not on this node"));
        }
        refused(() -> family.importRoot(Bytes.wrap(new byte[32])));
        refused(() -> family.importRoot(Bytes.wrap(new byte[31])));
        TestNode restarted = hub.restarted(NOW);
        restarted.family().importRoot(seed);
        assertTrue(restarted.family().state().rootHere());
        assertFalse(restarted.family().state().rootLocked());
        restarted.family().revoke("pi", NONE, NOW);
    }

    @Test
    void renewsItsOwnCertificatesWhereTheRootIs() throws Exception {
        family.maintain(NOW + 100 * DAY);
        assertEquals(NOW + 365 * DAY, hub.certificate().body().exp());
        long later = NOW + 250 * DAY;
        family.maintain(later);
        assertEquals(later + 365 * DAY, hub.certificate().body().exp());
        assertEquals(List.of("admin", "hub"), hub.certificate().body().roles());
        assertEquals(later + 365 * DAY,
                Certificate.parse(hub.home().operator().certificate().orElseThrow()).body().exp());
        assertEquals(hub.home().membership(), Home.open(hub.home().folder()).membership());
        assertEquals(hub.certificate().encoded(),
                hub.trust().current(hub.id(), later).orElseThrow().certificate());
        family.maintain(later + 300);
        assertEquals(later + 365 * DAY, hub.certificate().body().exp());
    }

    @Test
    void staysInForceAfterAClockThatRanYearsAheadIsSet() throws Exception {
        TestNode pi = node("pi");
        pi.join(hub, "member", NOW);
        for (long wrong = NOW + 1000 * DAY; wrong < NOW + 1001 * DAY; wrong += 300) {
            family.maintain(wrong);
        }
        TestNode healed = hub.restarted(NOW + DAY);
        healed.family().maintain(NOW + DAY);
        assertFalse(healed.clock().suspicious(NOW + DAY));
        assertTrue(healed.trust().verify(pi.certificate().encoded(), NOW + DAY).roles().contains("member"));
        assertEquals(hub.id(), pi.trust().verify(healed.certificate().encoded(), NOW + DAY).node());
    }

    @Test
    void staysUpWithAClockThatIsBehindAndHeals() throws Exception {
        TestNode pi = node("pi");
        try (RecordedLog log = new RecordedLog()) {
            TestNode behind = hub.restarted(1000);
            behind.family().maintain(1000);
            assertEquals(TrustedClock.ANY, behind.clock().tolerance(1000));
            assertEquals(1, log.lines("WARNING the clock says 1970").size());
            Invitation invitation = Invitation.parse(behind.family()
                    .invite("member", Duration.ofMinutes(15), AT, NONE,
                    1000));
            assertEquals(NOW + 900, invitation.expires());
            pi.join(behind, pi.family().invitation(invitation.text(), 500), NOW);
            behind.family().maintain(NOW + 400);
            assertEquals(300, behind.clock().tolerance(NOW + 400));
            assertEquals(1, log.lines("INFO the clock is right again").size());
        }
    }

    @Test
    void warnsOnceOfACertificateThatOnlyTheRootCanRenew() throws Exception {
        family.passphrase(NONE, words("secret"));
        try (RecordedLog log = new RecordedLog()) {
            family.maintain(NOW + 300 * DAY);
            family.maintain(NOW + 366 * DAY);
            family.maintain(NOW + 367 * DAY);
            assertEquals(1, log.lines("this node's certificate ran out at").size());
        }
    }

    @Test
    void warnsOnceOfAnOverdueRevocationListAndGoesOnUsingIt() throws Exception {
        TestNode pi = node("pi");
        pi.join(hub, "member", NOW);
        Identity revoked = identity(pi);
        family.revoke("pi", NONE, NOW);
        try (RecordedLog log = new RecordedLog()) {
            family.maintain(NOW + 364 * DAY);
            assertEquals(0, log.lines("overdue").size());
            family.maintain(NOW + 366 * DAY);
            family.maintain(NOW + 367 * DAY);
            assertEquals(1, log.lines("revocation list 1 of the family is overdue").size());
            assertFalse(hub.trust().stillValid(revoked, NOW));
        }
    }

    @Test
    void warnsIfACertificateCannotBeRenewed() throws Exception {
        Files.createDirectories(hub.home().folder().resolve(Home.OPERATOR_CERT + ".new/x"));
        try (RecordedLog log = new RecordedLog()) {
            family.maintain(NOW + 300 * DAY);
            assertEquals(1, log.lines("a certificate could not be renewed: cannot write").size());
        }
    }

    @Test
    void tellsNoSecretInAnyTextOrLog() throws Exception {
        List<String> told = new ArrayList<>();
        List<byte[]> secrets = new ArrayList<>();
        try (RecordedLog log = new RecordedLog()) {
            TestNode pi = node("pi");
            String text = hub.invite("member");
            Invitation invitation = Invitation.parse(text);
            Bytes psk = Bytes.wrap(Crypto.random(new Random(4), 32));
            Membership now = hub.home().membership();
            hub.home().member(new Membership(0, now.root(), now.cert(), Optional.of(psk), Optional.empty()));
            secrets.add(psk.toArray());
            secrets.add(invitation.psk().bytes());
            secrets.add(family.exportRoot(NONE).toArray());
            for (String name : List.of(Home.NODE_KEY, Home.OPERATOR_KEY, Home.AUTHORITY_KEY)) {
                KeyFile file = KeyFile.read(hub.home().folder().resolve(name));
                secrets.add(file.seed().orElseThrow().toArray());
                told.add(file.toString());
            }
            told.addAll(List.of(invitation.toString(), hub.home().toString(),
                    hub.home().membership().toString(),
                    hub.home().root().toString(), hub.home().operator().toString(), hub.trust().toString(),
                    family.toString(), family.state().toString(), hub.certificate().toString(),
                    hub.trust().familyKey().toString(), hub.clock().toString()));
            for (String bad : List.of(text.substring(1), text + "A", text.substring(0, 40))) {
                told.add(refused(() -> pi.family().invitation(bad, NOW)));
            }
            told.add(refused(() -> pi.family().invitation(text, NOW + 5000)));
            use(text, JOINER);
            told.add(refused(() -> family.enrol(Bytes.wrap(new byte[32]), Optional.empty(), NOW)));
            family.enrol(JOINER, Optional.empty(), NOW);
            told.add(refused(() -> family.enrol(JOINER, Optional.empty(), NOW)));
            family.passphrase(NONE, words("my secret words"));
            told.add(hub.home().root().toString());
            told.add(refused(() -> family.exportRoot(words("my wrong words"))));
            family.revoke("node-" + newest().substring(0, 8), words("my secret words"), NOW);
            told.add(RevocationList.parse(hub.trust().ownRevocations().orElseThrow()).toString());
            hub.store().full = true;
            told.add(refused(() -> family.invite("guest", Duration.ofMinutes(1), AT, words("my secret words"),
                    NOW)));
            Path broken = hub.home().folder().resolve(Home.NODE_KEY);
            byte[] key = Files.readAllBytes(broken);
            key[key.length - 1] ^= 1;
            Files.write(broken, key);
            IOException failed = assertThrows(IOException.class, () -> Home.open(hub.home().folder()));
            told.add(failed.toString() + failed.getCause());
            family.maintain(NOW + 900 * DAY);
            told.addAll(log.lines());
        }
        assertTrue(told.size() > 20);
        for (String line : told) {
            assertFalse(line.contains("my secret words") || line.contains("my wrong words"), line);
            for (byte[] secret : secrets) {
                assertFalse(line.toLowerCase().contains(HexFormat.of().formatHex(secret, 0, 8)), line);
                assertFalse(line.contains(Base64.getUrlEncoder().withoutPadding().encodeToString(secret)
                        .substring(0, 9)),
                        line);
                assertFalse(line.contains(Arrays.toString(secret).substring(1, 20)), line);
            }
        }
    }

    private String newest() {
        return family.state().members().stream().filter(each -> !each.id().equals(hub.id())).findFirst()
                .orElseThrow()
                .id().toHex();
    }

    @Test
    void backsUpWithEverythingItKnows() throws Exception {
        Path file = folder.resolve("backup.zip");
        family.backup(file, hub.store());
        assertEquals(hub.home().membership(), Home.restore(file, folder.resolve("restored")).membership());
    }

    @Test
    void derivesPskIdsAsTheProfileSays() throws Refused {
        Invitation invitation = Invitation.parse(hub.invite("guest"));
        assertEquals(Bytes.wrap(KeySchedule.pskId(invitation.psk())), invitation.pskId());
        assertEquals(hub.certificate().family(), invitation.family());
    }
}
