package org.myclerk.vendor.node.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.myclerk.api.node.NearbyNode;
import org.myclerk.api.node.PeerState;
import org.myclerk.api.operation.Bindings;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.OpCode;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.OperationTable;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Done;
import org.myclerk.api.payload.None;
import org.myclerk.api.transport.Endpoint;
import org.myclerk.testing.TestCaller;
import org.myclerk.testing.TestFamily;
import org.myclerk.testing.TestNode;
import org.myclerk.vendor.node.Backup;
import org.myclerk.vendor.node.InvitationText;
import org.myclerk.vendor.node.Invite;
import org.myclerk.vendor.node.Join;
import org.myclerk.vendor.node.NodeInfo;
import org.myclerk.vendor.node.NodeOperations;
import org.myclerk.vendor.node.OperationInfo;
import org.myclerk.vendor.node.Passphrase;
import org.myclerk.vendor.node.Revoke;
import org.myclerk.vendor.node.RootAccess;
import org.myclerk.vendor.node.RootSeed;
import org.myclerk.vendor.node.SessionRef;
import org.myclerk.vendor.node.TableName;
import org.myclerk.vendor.node.TableRange;

class NodeHandlerTest {

    private static final Bytes KITCHEN = Bytes.ofHex("aa".repeat(16));
    private static final Bytes SESSION = Bytes.ofHex("55".repeat(16));

    /** A node that serves its own administration, all but one row, and knows one peer. */
    private static final class Attic extends TestNode {

        @Override
        public List<OperationTable> tables() {
            return List.of(NodeOperations.TABLE);
        }

        @Override
        public boolean isServed(OpCode code) {
            return !code.equals(NodeOperations.NODE_NEARBY.code());
        }

        @Override
        public List<PeerState> peers() {
            return List.of(new PeerState(KITCHEN, "kitchen-pi", List.of("member"), List.of(), false, 1_000,
                    false));
        }

        @Override
        public void close(Bytes session, String reason) throws Refused {
            if (!session.equals(SESSION)) {
                throw Refused.notFound("no session has that uid");
            }
            super.close(session, reason);
        }
    }

    private final TestNode node = new Attic();
    private final TestFamily family = new TestFamily();
    private Instant now = Instant.ofEpochSecond(2_000);
    private final NodeHandler handler = new NodeHandler(node, family, "0.1.0", () -> now);
    private final Bindings bindings = handler.bindings();

    @TempDir
    Path folder;

    @AfterEach
    void stop() {
        handler.close();
    }

    @SuppressWarnings("unchecked")
    private <Q, A> A call(Operation<Q, A> row, Q request) throws Refused, InterruptedException {
        A answer = ((Bindings.Binding<Q, A>) bindings.binding(row.code())).method()
                .answer(new TestCaller("ada", 7), request, null);
        row.answer().encode(answer);
        return answer;
    }

    private static void refuses(ErrorCode code, String message, Executable call) {
        Refused refused = assertThrows(Refused.class, call);
        assertEquals(message, refused.getMessage());
        assertEquals(code, refused.code());
    }

    @Test
    void saysWhoTheNodeIs() throws Exception {
        now = Instant.ofEpochSecond(2_500);
        assertEquals(new NodeInfo(TestNode.ID, "attic", "0.1.0", List.of("[::]:5657"), List.of("node"), 2_000,
                2_500, true), call(NodeOperations.NODE_INFO, None.NONE));
        now = Instant.ofEpochSecond(0);
        assertFalse(call(NodeOperations.NODE_INFO, None.NONE).clockTrusted());
    }

    @Test
    void listsTablesAndTheirOperations() throws Exception {
        assertEquals(List.of(new TableRange("node", 0xFE00, 0xFEFF, NodeOperations.TABLE.rows().size())),
                call(NodeOperations.NODE_TABLES, None.NONE).tables());
        List<OperationInfo> rows = call(NodeOperations.NODE_CATALOGUE, new TableName("node")).operations();
        assertEquals(NodeOperations.TABLE.rows().size(), rows.size());
        OperationInfo tunnel = rows.get(18);
        assertEquals("node.tunnel", tunnel.command());
        assertEquals("call", tunnel.kind());
        assertEquals("none", tunnel.access());
        assertEquals(3, tunnel.floor());
        assertTrue(tunnel.followed() && tunnel.served());
        assertFalse(rows.get(4).served());
        assertEquals("peer", tunnel.request().fields().getFirst().name());
        refuses(ErrorCode.NOT_FOUND, "no table here is called \"gpio\"; see NODE_TABLES",
                () -> call(NodeOperations.NODE_CATALOGUE, new TableName("gpio")));
    }

    @Test
    void listsWhoIsNearby() throws Exception {
        refuses(ErrorCode.SERVICE_UNAVAILABLE,
                "this node does not listen for others nearby; install org.myclerk.discovery",
                () -> call(NodeOperations.NODE_NEARBY, None.NONE));
        handler.nearby = () -> List.of(new NearbyNode(KITCHEN, "kitchen-pi",
                List.of(new Endpoint("tcp", "192.0.2.7", 5657))),
                new NearbyNode(SESSION, "stranger", List.of()));
        assertEquals(List.of(
                new org.myclerk.vendor.node.NearbyNode(KITCHEN.toHex(), "kitchen-pi",
                List.of("192.0.2.7:5657"), true),
                new org.myclerk.vendor.node.NearbyNode(SESSION.toHex(), "stranger", List.of(), false)),
                call(NodeOperations.NODE_NEARBY, None.NONE).nodes());
        assertEquals(node.peers(), call(NodeOperations.NODE_PEERS, None.NONE).peers());
    }

    @Test
    void endsAndRotatesSessions() throws Exception {
        SessionRef session = new SessionRef(SESSION);
        call(NodeOperations.NODE_SESSION_CLOSE, session);
        call(NodeOperations.NODE_SESSION_ROTATE, session);
        call(NodeOperations.NODE_SESSION_REVOKE, session);
        assertEquals(List.of("close %s: closed by ada".formatted(SESSION.toHex()),
                "rotate " + SESSION.toHex(),
                "revoke " + SESSION.toHex()), List.copyOf(node.asked));
        refuses(ErrorCode.NOT_FOUND, "no session has that uid",
                () -> call(NodeOperations.NODE_SESSION_CLOSE, new SessionRef(KITCHEN)));
        assertEquals(List.of(), call(NodeOperations.NODE_SESSIONS, None.NONE).sessions());
    }

    @Test
    void invites() throws Exception {
        assertEquals(new InvitationText("come", 2_900), call(NodeOperations.NODE_INVITE,
                new Invite("member", 15, List.of("192.0.2.7"), Optional.of("open"))));
        assertEquals("invite member for PT15M at [192.0.2.7:5657] with open", family.asked.take());
        refuses(ErrorCode.BAD_REQUEST, "at: \"192.0.2.7:http\": the port is not a number",
                () -> call(NodeOperations.NODE_INVITE,
                        new Invite("member", 15, List.of("192.0.2.7:http"), Optional.empty())));
    }

    @Test
    void takesAnEmptyPassphraseForNone() throws Exception {
        call(NodeOperations.NODE_PASSPHRASE, new Passphrase(Optional.of(""), Optional.of("shut")));
        call(NodeOperations.NODE_REVOKE, new Revoke("kitchen-pi", Optional.of("shut")));
        call(NodeOperations.NODE_ROOT_FORGET, new RootAccess(Optional.empty()));
        assertEquals(List.of("passphrase from none to shut", "revoke kitchen-pi with shut",
                "forget with none"),
                List.copyOf(family.asked));
    }

    @Test
    void handsOutAndTakesBackTheRootKey() throws Exception {
        assertEquals(new RootSeed(TestFamily.SEED),
                call(NodeOperations.NODE_ROOT_EXPORT, new RootAccess(Optional.of("open"))));
        call(NodeOperations.NODE_ROOT_IMPORT, new RootSeed(TestFamily.SEED));
        assertEquals(List.of("export with open", "import " + TestFamily.SEED.toHex()),
                List.copyOf(family.asked));
        assertEquals("attic", call(NodeOperations.NODE_FAMILY, None.NONE).name());
    }

    @Test
    void saysWhyJoiningFailed() {
        refuses(ErrorCode.INTERNAL_ERROR, "nobody answers at 192.0.2.1:5657",
                () -> call(NodeOperations.NODE_JOIN, new Join("come", Optional.of("attic"))));
    }

    @Test
    void backsUpIntoANewFileOnly() throws Exception {
        Path file = folder.resolve("backup");
        assertEquals(Done.DONE, call(NodeOperations.NODE_BACKUP, new Backup(file.toString())));
        assertEquals("backup to " + file, family.asked.take());
        Files.createFile(file);
        refuses(ErrorCode.BAD_REQUEST, file + " exists; choose a file that does not",
                () -> call(NodeOperations.NODE_BACKUP, new Backup(file.toString())));
        refuses(ErrorCode.BAD_REQUEST, "\"backup\" is not an absolute path",
                () -> call(NodeOperations.NODE_BACKUP, new Backup("backup")));
        assertTrue(family.asked.isEmpty());
    }

    @Test
    void saysWhatHinderedABackup() {
        NodeHandler full = new NodeHandler(node, new TestFamily() {

            @Override
            public void backup(Path file) throws IOException {
                throw new IOException("no space is left for the backup");
            }
        }, "0.1.0", () -> now);
        refuses(ErrorCode.INTERNAL_ERROR, "no space is left for the backup", () -> backup(full));
        full.close();
    }

    @SuppressWarnings("unchecked")
    private void backup(NodeHandler at) throws Refused, InterruptedException {
        ((Bindings.Binding<Backup, Done>) at.bindings().binding(NodeOperations.NODE_BACKUP.code())).method()
                .answer(new TestCaller("ada", 7), new Backup(folder.resolve("full").toString()), null);
    }
}
