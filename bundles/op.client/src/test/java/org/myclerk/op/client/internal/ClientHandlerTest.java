package org.myclerk.op.client.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.myclerk.op.client.ClientOperations.CLIENT_ASSIGN;
import static org.myclerk.op.client.ClientOperations.CLIENT_HEARTBEAT;
import static org.myclerk.op.client.ClientOperations.CLIENT_INFO;
import static org.myclerk.op.client.ClientOperations.CLIENT_LIST;
import static org.myclerk.op.client.ClientOperations.CLIENT_REVOKE;
import static org.myclerk.op.client.ClientOperations.CLIENT_STATUS;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.myclerk.api.guard.AccessMode;
import org.myclerk.api.guard.Grant;
import org.myclerk.api.guard.Rights;
import org.myclerk.api.guard.Subject;
import org.myclerk.api.node.Pairing;
import org.myclerk.api.node.PeerState;
import org.myclerk.api.operation.Answers;
import org.myclerk.api.operation.Bindings;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Done;
import org.myclerk.devices.DeviceRegistry;
import org.myclerk.op.client.AssignedDevice;
import org.myclerk.op.client.Assignment;
import org.myclerk.op.client.ClientInfo;
import org.myclerk.op.client.ClientList;
import org.myclerk.op.client.ClientPage;
import org.myclerk.op.client.ClientRef;
import org.myclerk.op.client.ClientStatus;
import org.myclerk.op.client.Contact;
import org.myclerk.op.client.NodeClass;
import org.myclerk.op.client.Unassignment;
import org.myclerk.store.SqliteStore;
import org.myclerk.testing.TestAudit;
import org.myclerk.testing.TestCaller;
import org.myclerk.testing.TestFamily;
import org.myclerk.testing.TestNode;
import org.myclerk.testing.TestRights;

class ClientHandlerTest {

    private static final long START = Instant.parse("2026-05-01T12:00:00Z").getEpochSecond();

    /** A node with peers. */
    private static final class Node extends TestNode {

        final List<PeerState> known = new ArrayList<>();

        @Override
        public List<PeerState> peers() {
            return known;
        }
    }

    @TempDir
    Path folder;

    private final Node node = new Node();
    private final TestFamily family = new TestFamily();
    private final ManualClock clock = new ManualClock(START);
    private final TestCaller caller = new TestCaller("ada", 7);
    private SqliteStore store;
    private TestRights rights;
    private Bindings bindings;

    @BeforeEach
    void start() {
        store = new SqliteStore(folder.resolve("node.db"));
        rights = new TestRights(store);
        bindings = new ClientHandler(node, family, new DeviceRegistry(Duration.ZERO), rights, new TestAudit(),
                store, clock).bindings();
    }

    @AfterEach
    void stop() {
        store.close();
    }

    @SuppressWarnings("unchecked")
    private <Q, A> A call(Operation<Q, A> row, Q request) throws Exception {
        return ((Bindings.Binding<Q, A>) bindings.binding(row.code())).method().answer(caller, request,
                (Answers<A>) null);
    }

    @Test
    void certifiesWhoRegisters() throws Exception {
        assertEquals(TestFamily.ENROLMENT,
                call(Pairing.CLIENT_REGISTER, new Pairing.Registration(Optional.of("kitchen-pi"))));
        assertEquals(List.of("enrol %s as kitchen-pi".formatted(caller.nodeId().toHex())),
                List.copyOf(family.asked));
    }

    @Test
    void remembersWhereAHeartbeatSaysItsNodeIs() throws Exception {
        assertEquals(Done.DONE, call(CLIENT_HEARTBEAT,
                new Contact(List.of("192.0.2.7:5657", "[2001:db8::7]:9"))));
        assertEquals(List.of("serves " + caller.session().toHex(),
                "heard of %s at 192.0.2.7:5657".formatted(caller.nodeId().toHex()),
                "heard of %s at [2001:db8::7]:9".formatted(caller.nodeId().toHex())),
                List.copyOf(node.asked));
    }

    @Test
    void ignoresEndpointsThatAreNone() throws Exception {
        call(CLIENT_HEARTBEAT, new Contact(List.of("", "2001:db8::7", "192.0.2.7:0",
                "192.0.2.7:99999", "a".repeat(256), "192.0.2.8")));
        assertEquals(List.of("serves " + caller.session().toHex(),
                "heard of %s at 192.0.2.8:5657".formatted(caller.nodeId().toHex())), List.copyOf(node.asked));
    }

    @Test
    void tellsHowAClientIs() throws Exception {
        call(CLIENT_HEARTBEAT, new Contact(List.of()));
        clock.move(Duration.ofSeconds(45));
        call(CLIENT_HEARTBEAT, new Contact(List.of()));
        ClientStatus mine = new ClientStatus(caller.nodeId(), "ada", true, START + 30, NodeClass.BONUS, 0);
        node.known.add(peer(caller.nodeId(), "ada"));
        assertEquals(mine, call(CLIENT_STATUS, new ClientRef("ada")));
        assertEquals(new ClientInfo(mine, List.of("member"), List.of("192.0.2.9:1"), START, List.of()),
                call(CLIENT_INFO, new ClientRef(caller.nodeId().toHex().substring(0, 6))));
    }

    @Test
    void countsThirtyDaysAsWholeAndRoundsDown() throws Exception {
        node.known.add(peer(caller.nodeId(), "ada"));
        for (int i = 0; i <= Uptime.WINDOW; i++) {
            call(CLIENT_HEARTBEAT, new Contact(List.of()));
            clock.move(Duration.ofSeconds(Uptime.SLOT_SECONDS));
        }
        ClientStatus status = call(CLIENT_LIST, new ClientPage(Optional.empty())).clients().getFirst();
        assertEquals(NodeClass.CORE, status.nodeClass());
        assertEquals(99.99, status.uptime(), "the slot that runs now was not heard yet");
    }

    @Test
    void listsClientsInPagesAndInOrderWithoutRevokedOnes() throws Exception {
        for (int i = ClientList.MOST; i >= 0; i--) {
            node.known.add(peer(id(i), "n" + i));
        }
        node.known.add(new PeerState(id(9_000), "lost", List.of(), List.of(), false, 0, true));
        ClientList first = call(CLIENT_LIST, new ClientPage(Optional.empty()));
        assertEquals(IntStream.range(0, ClientList.MOST).mapToObj(ClientHandlerTest::id).toList(),
                first.clients().stream().map(ClientStatus::id).toList());
        ClientList rest = call(CLIENT_LIST, new ClientPage(first.next()));
        assertEquals(Optional.empty(), rest.next());
        assertEquals(List.of("n" + ClientList.MOST), rest.clients().stream().map(ClientStatus::name)
                .toList());
    }

    @Test
    void refusesClientsItDoesNotKnow() {
        assertEquals(ErrorCode.NOT_FOUND, refused(CLIENT_INFO, new ClientRef("nobody")).code());
        assertEquals(ErrorCode.NOT_FOUND, refused(CLIENT_STATUS, new ClientRef("abcd")).code());
    }

    @Test
    void handsOnWhatTheCallerHas() throws Exception {
        node.known.add(peer(id(1), "desk"));
        share("lamp", AccessMode.READ_ONLY);
        call(CLIENT_ASSIGN, new Assignment("lamp", "desk", Optional.empty(), Optional.of(START + 60)));
        Grant handed = new Grant("lamp", Subject.node(id(1)), AccessMode.READ_ONLY, List.of(),
                Optional.empty(),
                Optional.of(START + 60));
        assertTrue(rights.of("lamp").contains(handed));
        assertEquals(List.of(new AssignedDevice("lamp", AccessMode.READ_ONLY, Optional.of(START + 60),
                "ada")),
                call(CLIENT_INFO, new ClientRef("desk")).devices());
        call(CLIENT_REVOKE, new Unassignment("lamp", "desk"));
        assertFalse(rights.of("lamp").contains(handed));
        assertEquals(List.of(), call(CLIENT_INFO, new ClientRef("desk")).devices());
        assertEquals(List.of(), store.all(Assignments.BUCKET));
        assertEquals(ErrorCode.NOT_FOUND, refused(CLIENT_REVOKE, new Unassignment("lamp", "desk")).code());
    }

    @Test
    void handsOnNoMoreThanTheCallerHas() throws Exception {
        node.known.add(peer(id(1), "desk"));
        Assignment wide = new Assignment("lamp", "desk", Optional.of(AccessMode.READ_WRITE),
                Optional.empty());
        assertEquals(ErrorCode.FORBIDDEN, refused(CLIENT_ASSIGN, wide).code());
        assertEquals(ErrorCode.FORBIDDEN, refused(CLIENT_ASSIGN,
                new Assignment("lamp", "desk", Optional.empty(), Optional.empty())).code());
        for (AccessMode own : List.of(AccessMode.READ_ONLY, AccessMode.WRITE_ONLY, AccessMode.EXCLUSIVE)) {
            share("lamp", own);
            assertEquals(ErrorCode.FORBIDDEN, refused(CLIENT_ASSIGN, wide).code(), own.toString());
            assertEquals(1, rights.of("lamp").size(), own.toString());
        }
    }

    @Test
    void takesBackWhatWasHandedOnWhenTheCallersOwnRightEnds() throws Exception {
        node.known.add(peer(id(1), "desk"));
        share("lamp", AccessMode.READ_WRITE);
        call(CLIENT_ASSIGN, new Assignment("lamp", "desk", Optional.empty(), Optional.empty()));
        CountDownLatch empty = new CountDownLatch(1);
        rights.onNarrowed(() -> {
            if (rights.of("lamp").isEmpty()) {
                empty.countDown();
            }
        });
        rights.change("root", List.of(new Rights.Change.Take("lamp", Subject.node(caller.nodeId()))));
        assertTrue(empty.await(20, TimeUnit.SECONDS));
    }

    @Test
    void leavesAloneWhatAnAdministratorGave() throws Exception {
        node.known.add(peer(id(1), "desk"));
        Grant given = new Grant("lamp", Subject.node(id(1)), AccessMode.READ_WRITE);
        rights.change("root", List.of(new Rights.Change.Give(given)));
        share("lamp", AccessMode.READ_WRITE);
        Assignment wanted = new Assignment("lamp", "desk", Optional.of(AccessMode.READ_ONLY),
                Optional.empty());
        assertEquals(ErrorCode.BAD_REQUEST, refused(CLIENT_ASSIGN, wanted).code());
        assertTrue(rights.of("lamp").contains(given));
        rights.change("root", List.of(new Rights.Change.Take("lamp", given.to())));
        call(CLIENT_ASSIGN, wanted);
        rights.change("root", List.of(new Rights.Change.Give(given)));
        call(CLIENT_REVOKE, new Unassignment("lamp", "desk"));
        assertTrue(rights.of("lamp").contains(given), "it was replaced by an administrator since");
    }

    private void share(String device, AccessMode mode) throws Refused {
        rights.change("root",
                List.of(new Rights.Change.Give(new Grant(device, Subject.node(caller.nodeId()), mode))));
    }

    private <Q> Refused refused(Operation<Q, ?> row, Q request) {
        return assertThrows(Refused.class, () -> call(row, request));
    }

    private static Bytes id(int number) {
        return Bytes.wrap(ByteBuffer.allocate(16).putInt(12, number).array());
    }

    private static PeerState peer(Bytes id, String name) {
        return new PeerState(id, name, List.of("member"), List.of("192.0.2.9:1"), true, 0, false);
    }
}
