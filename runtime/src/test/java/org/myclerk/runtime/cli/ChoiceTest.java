package org.myclerk.runtime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.myclerk.api.node.PeerState;
import org.myclerk.api.node.SessionState;
import org.myclerk.api.payload.Bytes;
import org.myclerk.op.serial.PortInfo;

/** What a person means by a name. */
class ChoiceTest {

    private static final PeerState PI = peer("aa11", "kitchen-pi", false);
    private static final PeerState NAS = peer("aa22", "nas", false);
    private static final PeerState OLD_NAS = peer("bb33", "nas", true);
    private static final List<PeerState> PEERS = List.of(PI, NAS, OLD_NAS);

    private static PeerState peer(String id, String name, boolean revoked) {
        return new PeerState(Bytes.ofHex(id + "00".repeat(14)), name, List.of("member"), List.of(), false, 0,
                revoked);
    }

    private static SessionState session(String uid, PeerState peer) {
        return new SessionState(Bytes.ofHex(uid + "00".repeat(13)), peer.id(), peer.name(), List.of(), "",
                true, 5, 0, 0,
                false);
    }

    private static PortInfo port(String id, String name) {
        return new PortInfo(id, name, "", false, false, false, true, Optional.empty());
    }

    private static String refusal(Executable choice) {
        return assertThrows(Failure.class, choice).getMessage();
    }

    @Test
    void findsPeersByNameByIdAndByItsBeginning() throws Failure {
        assertEquals(PI, Reach.choose(PEERS, "kitchen-pi"));
        assertEquals(PI, Reach.choose(PEERS, PI.id().toHex()));
        assertEquals(PI, Reach.choose(PEERS, "AA11"));
        assertEquals(OLD_NAS, Reach.choose(PEERS, OLD_NAS.id().toHex()));
    }

    @Test
    void prefersThePeerThatIsNotRevoked() throws Failure {
        assertEquals(NAS, Reach.choose(PEERS, "nas"));
    }

    @Test
    void refusesPeersThatAreNotThereOrNotOne() {
        assertEquals(
                "kitchen-py: no such peer; did you mean kitchen-pi?; myclerk peers lists those that are "
                + "known", refusal(() -> Reach.choose(PEERS, "kitchen-py")));
        assertEquals("x: no such peer; this home knows none, invite one with myclerk invite",
                refusal(() -> Reach.choose(List.of(), "x")));
        PeerState twin = peer("cc44", "nas", false);
        assertEquals("nas: 2 peers are called so, write the node id: %s, %s".formatted(NAS.id().toHex(),
                twin.id().toHex()), refusal(() -> Reach.choose(List.of(NAS, twin), "nas")));
    }

    @Test
    void findsSessionsByPeerAndByUid() throws Failure {
        SessionState first = session("123456", PI);
        SessionState second = session("123477", PI);
        List<SessionState> all = List.of(first, second, session("abcdef", NAS));
        assertEquals(List.of(first, second), SessionsCommand.matching(all, "kitchen-pi"));
        assertEquals(List.of(second), SessionsCommand.matching(all, "123477"));
        assertEquals("1234: 2 sessions begin so, write more of it",
                refusal(() -> SessionsCommand.matching(all, "1234")));
        assertEquals("bb: no such session or peer with one; myclerk sessions lists them",
                refusal(() -> SessionsCommand.matching(all, "bb")));
    }

    @Test
    void findsPortsByIdAndByName() throws Failure {
        List<PortInfo> ports = List.of(port("usb-1", "meter"), port("usb-2", "twin"), port("usb-3", "twin"));
        assertEquals("usb-1", SerialCommand.choose(ports, "usb-1", "pi"));
        assertEquals("usb-1", SerialCommand.choose(ports, "meter", "pi"));
        assertEquals("twin: pi has no such serial port; it has usb-1, usb-2, usb-3",
                refusal(() -> SerialCommand.choose(ports, "twin", "pi")));
        assertEquals("usb-1: pi has no such serial port, and no other either",
                refusal(() -> SerialCommand.choose(List.of(), "usb-1", "pi")));
    }
}
