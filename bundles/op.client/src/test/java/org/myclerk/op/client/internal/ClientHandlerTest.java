package org.myclerk.op.client.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.myclerk.api.node.Pairing;
import org.myclerk.api.node.PeerState;
import org.myclerk.api.operation.Answers;
import org.myclerk.api.operation.Bindings;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Done;
import org.myclerk.op.client.ClientInfo;
import org.myclerk.op.client.ClientList;
import org.myclerk.op.client.ClientOperations;
import org.myclerk.op.client.ClientPage;
import org.myclerk.op.client.ClientQuery;
import org.myclerk.op.client.ClientRef;
import org.myclerk.op.client.ClientStatus;
import org.myclerk.op.client.Contact;
import org.myclerk.op.client.NodeClass;
import org.myclerk.store.SqliteStore;
import org.myclerk.testing.TestCaller;
import org.myclerk.testing.TestFamily;
import org.myclerk.testing.TestNode;

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
    private Bindings bindings;

    @BeforeEach
    void start() {
        store = new SqliteStore(folder.resolve("node.db"));
        bindings = new ClientHandler(node, family, store, clock).bindings();
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
        assertEquals(List.of("enrol %s as kitchen-pi".formatted(caller.nodeId().toHex())), List.copyOf(family.asked));
    }

    @Test
    void remembersWhereAHeartbeatSaysItsNodeIs() throws Exception {
        assertEquals(Done.DONE, call(ClientOperations.CLIENT_HEARTBEAT,
                new Contact(List.of("192.0.2.7:5657", "[2001:db8::7]:9"))));
        assertEquals(List.of("serves " + caller.session().toHex(),
                "heard of %s at 192.0.2.7:5657".formatted(caller.nodeId().toHex()),
                "heard of %s at [2001:db8::7]:9".formatted(caller.nodeId().toHex())), List.copyOf(node.asked));
    }

    @Test
    void ignoresEndpointsThatAreNone() throws Exception {
        call(ClientOperations.CLIENT_HEARTBEAT, new Contact(List.of("", "2001:db8::7", "192.0.2.7:0",
                "192.0.2.7:99999", "a".repeat(256), "192.0.2.8")));
        assertEquals(List.of("serves " + caller.session().toHex(),
                "heard of %s at 192.0.2.8:5657".formatted(caller.nodeId().toHex())), List.copyOf(node.asked));
    }

    @Test
    void tellsHowAClientIs() throws Exception {
        call(ClientOperations.CLIENT_HEARTBEAT, new Contact(List.of()));
        clock.move(Duration.ofSeconds(45));
        call(ClientOperations.CLIENT_HEARTBEAT, new Contact(List.of()));
        ClientStatus mine = new ClientStatus(caller.nodeId(), "ada", true, START + 30, NodeClass.BONUS, 0);
        assertEquals(mine, call(ClientOperations.CLIENT_STATUS, new ClientQuery(Optional.empty())));
        node.known.add(peer(caller.nodeId(), "ada"));
        assertEquals(mine, call(ClientOperations.CLIENT_STATUS, new ClientQuery(Optional.of("ada"))));
        assertEquals(new ClientInfo(mine, List.of("member"), List.of("192.0.2.9:1"), START),
                call(ClientOperations.CLIENT_INFO, new ClientRef(caller.nodeId().toHex().substring(0, 6))));
    }

    @Test
    void countsThirtyDaysAsWholeAndRoundsDown() throws Exception {
        node.known.add(peer(caller.nodeId(), "ada"));
        for (int i = 0; i <= Uptime.WINDOW; i++) {
            call(ClientOperations.CLIENT_HEARTBEAT, new Contact(List.of()));
            clock.move(Duration.ofSeconds(Uptime.SLOT_SECONDS));
        }
        ClientStatus status = call(ClientOperations.CLIENT_LIST, new ClientPage(Optional.empty())).clients().getFirst();
        assertEquals(NodeClass.CORE, status.nodeClass());
        assertEquals(99.99, status.uptime(), "the slot that runs now was not heard yet");
    }

    @Test
    void listsClientsInPagesAndInOrderWithoutRevokedOnes() throws Exception {
        for (int i = ClientList.MOST; i >= 0; i--) {
            node.known.add(peer(id(i), "n" + i));
        }
        node.known.add(new PeerState(id(9_000), "lost", List.of(), List.of(), false, 0, true));
        ClientList first = call(ClientOperations.CLIENT_LIST, new ClientPage(Optional.empty()));
        assertEquals(IntStream.range(0, ClientList.MOST).mapToObj(ClientHandlerTest::id).toList(),
                first.clients().stream().map(ClientStatus::id).toList());
        ClientList rest = call(ClientOperations.CLIENT_LIST, new ClientPage(first.next()));
        assertEquals(Optional.empty(), rest.next());
        assertEquals(List.of("n" + ClientList.MOST), rest.clients().stream().map(ClientStatus::name).toList());
    }

    @Test
    void refusesClientsItDoesNotKnowOrCannotTellApart() {
        node.known.add(peer(id(1), "twin"));
        node.known.add(peer(id(2), "twin"));
        assertEquals(ErrorCode.NOT_FOUND, refusal("nobody").code());
        assertEquals(ErrorCode.NOT_FOUND, refusal("abcd").code());
        assertEquals(ErrorCode.BAD_REQUEST, refusal("twin").code());
        assertEquals("3 clients are called \"0000\": name the node id", refusalWith("0000", peer(id(3), "x")));
    }

    private Refused refusal(String name) {
        return assertThrows(Refused.class, () -> call(ClientOperations.CLIENT_INFO, new ClientRef(name)));
    }

    private String refusalWith(String name, PeerState further) {
        node.known.add(further);
        return refusal(name).getMessage();
    }

    private static Bytes id(int number) {
        return Bytes.wrap(ByteBuffer.allocate(16).putInt(12, number).array());
    }

    private static PeerState peer(Bytes id, String name) {
        return new PeerState(id, name, List.of("member"), List.of("192.0.2.9:1"), true, 0, false);
    }
}
