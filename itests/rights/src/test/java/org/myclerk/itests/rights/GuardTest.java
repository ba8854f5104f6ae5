package org.myclerk.itests.rights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.myclerk.api.client.Client;
import org.myclerk.api.client.Followed;
import org.myclerk.api.client.Peer;
import org.myclerk.api.client.Peer.CallOptions;
import org.myclerk.api.device.DeviceEvent;
import org.myclerk.api.guard.AccessMode;
import org.myclerk.api.guard.Grant;
import org.myclerk.api.guard.Subject;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.OpCode;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Fields;
import org.myclerk.api.payload.None;
import org.myclerk.core.frame.PlainFrames;
import org.myclerk.op.device.DeviceLock;
import org.myclerk.op.device.DeviceNews;
import org.myclerk.op.device.DeviceOperations;
import org.myclerk.op.device.DevicePage;
import org.myclerk.op.device.DeviceRef;
import org.myclerk.vendor.node.Invite;
import org.myclerk.vendor.node.NodeOperations;
import org.myclerk.vendor.node.OperationInfo;
import org.myclerk.vendor.node.ShareWith;
import org.myclerk.vendor.node.TableName;
import org.myclerk.vendor.node.TableRange;
import org.myclerk.vendor.node.Unshare;

/**
 * A node with every feature of the distribution in a process of its own, and guests before it: one with a
 * certificate, who is refused every operation of every table, and one without keys, to whom nothing is said.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class GuardTest {

    /** What is open to the whole family, and so to a guest: what a node needs to stay one, and a way in. */
    private static final Set<String> OPEN = Set.of("CLIENT_REGISTER", "CLIENT_HEARTBEAT", "NODE_TUNNEL_SEND",
            "NODE_TUNNEL_HERE");
    private static final String LOOP = "sim-echo";

    @TempDir
    static Path folder;

    private NodeProcess node;
    private Client owner;
    private Peer kitchen;
    private Client guest;
    private Peer peer;

    /** A row as the node describes it. */
    private record Row(String table, OperationInfo info) {

        OpCode code() {
            return new OpCode(info.code());
        }
    }

    @BeforeAll
    void start() throws Exception {
        String features = String.join(",", names(NodeProcess.distribution().resolve("features")));
        node = NodeProcess.start(folder.resolve("kitchen"), "kitchen", "--features", features);
        owner = Client.open(Path.of(home("kitchen")));
        kitchen = owner.own();
        String invitation = kitchen.call(NodeOperations.NODE_INVITE,
                new Invite("guest", 15, List.of(), Optional.empty())).text();
        Client.join(Path.of(home("guest")), invitation, Optional.of("guest"));
        guest = Client.open(Path.of(home("guest")));
        peer = guest.connect(node.endpoint(), Client.Wish.USUAL);
    }

    @AfterAll
    void stop() {
        if (guest != null) {
            guest.close();
        }
        if (owner != null) {
            owner.close();
        }
        if (node != null) {
            node.close();
        }
    }

    private static String home(String name) {
        return folder.resolve(name).toString();
    }

    private static List<String> names(Path features) throws IOException {
        try (Stream<Path> files = Files.list(features)) {
            return files.map(path -> path.getFileName().toString()).filter(name -> name.endsWith(".json"))
                    .map(name -> name.substring(0, name.length() - ".json".length())).sorted().toList();
        }
    }

    private List<Row> rows() throws Exception {
        List<Row> rows = new ArrayList<>();
        for (TableRange table : kitchen.call(NodeOperations.NODE_TABLES, None.NONE).tables()) {
            for (OperationInfo info : kitchen.call(NodeOperations.NODE_CATALOGUE, new TableName(table.name()))
                    .operations()) {
                rows.add(new Row(table.name(), info));
            }
        }
        return rows;
    }

    private ErrorCode answer(OpCode code) throws InterruptedException {
        try {
            peer.call(Operation.unknown(code), Fields.NONE, new CallOptions(Tier.T5, Duration.ofSeconds(20)));
            return ErrorCode.OK;
        } catch (Refused refused) {
            return refused.code();
        } catch (IOException lost) {
            throw new AssertionError("no answer to " + code, lost);
        }
    }

    @Test
    void refusesAGuestEveryOperationOfEveryTable() throws Exception {
        List<Row> rows = rows();
        assertTrue(rows.size() > 80, "only %d rows were found".formatted(rows.size()));
        Set<String> tables = new TreeSet<>();
        Set<String> notForbidden = new TreeSet<>();
        for (Row row : rows) {
            // The session itself answers the core table: it has no handlers that a guard could be asked
            // about.
            if (row.info.code() >= 0x0020 && !ErrorCode.FORBIDDEN.equals(answer(row.code()))) {
                notForbidden.add(row.info.name());
            }
            tables.add(row.table);
        }
        notForbidden.removeAll(OPEN);
        assertEquals(Set.of(), notForbidden, "walked " + tables);
        for (int code : new int[] {0x0020, 0x0208, 0x0300, 0x03FF, 0x0FFF, 0x7FFF, 0xF200, 0xFEFE, 0xFFFE}) {
            assertEquals(ErrorCode.FORBIDDEN, answer(new OpCode(code)), "unassigned %04X".formatted(code));
        }
        assertTrue(peer.connected());
    }

    @Test
    void saysNothingToAnAnonymousSenderInPlaintext() throws Exception {
        byte[] payload = {(byte) 0x81, (byte) 0xA3, 'r', 'i', 'd', 1};
        for (Row row : rows()) {
            for (Tier tier : List.of(Tier.T1, Tier.T2)) {
                byte[] frame = PlainFrames.write(tier, row.info.code(), 1, 0, 0, 0, null, payload);
                assertEquals(0, answered(frame), "bytes in answer to %s at %s".formatted(row.info.name(),
                        tier));
            }
        }
        assertTrue(owner.running() && kitchen.connected(), "the node is well");
    }

    /** How many bytes come back until the node, told that no more will be sent, closes the connection. */
    private int answered(byte[] frame) throws IOException {
        try (Socket socket = new Socket(node.endpoint().host(), node.endpoint().port())) {
            socket.setSoTimeout(20_000);
            byte[] sent = ByteBuffer.allocate(4 + frame.length).putInt(frame.length).put(frame).array();
            socket.getOutputStream().write(sent);
            socket.shutdownOutput();
            return socket.getInputStream().readAllBytes().length;
        } catch (SocketException reset) {
            // Closed without a word.
            return 0;
        }
    }

    private void share(AccessMode mode) throws Exception {
        kitchen.call(NodeOperations.NODE_SHARE,
                new ShareWith(List.of(new Grant(LOOP, Subject.role("guest"), mode))));
    }

    private void unshare() throws Exception {
        kitchen.call(NodeOperations.NODE_UNSHARE, new Unshare(LOOP, List.of()));
    }

    @Test
    void letsAGuestInAndOutOfWhatIsSharedWhileItsSessionRuns() throws Exception {
        share(AccessMode.READ_WRITE);
        assertEquals(List.of(LOOP), peer.call(DeviceOperations.DEVICE_LIST, DevicePage.FIRST).devices()
                .stream()
                .map(view -> view.device()).toList());
        assertEquals(ErrorCode.FORBIDDEN, answer(DeviceOperations.DEVICE_DISCOVER.code()));
        try (Followed<DeviceNews> news = peer.follow(DeviceOperations.DEVICE_SUBSCRIBE, None.NONE, 16,
                CallOptions.USUAL)) {
            Set<DeviceEvent.Kind> first = new HashSet<>();
            news.next().events().forEach(event -> first.add(event.kind()));
            assertEquals(Set.of(DeviceEvent.Kind.PRESENT), first);
            peer.call(DeviceOperations.DEVICE_LOCK, new DeviceLock(LOOP, Optional.of(60), Optional.empty()));
            assertEquals(DeviceEvent.Kind.LOCKED, news.next().events().getFirst().kind());
            unshare();
            Refused refused = assertThrows(Refused.class, () -> {
                for (DeviceNews more = news.next(); more != null; more = news.next()) {
                    assertFalse(more.events().stream().anyMatch(event ->
                            event.kind() == DeviceEvent.Kind.PRESENT));
                }
            });
            assertEquals(ErrorCode.FORBIDDEN, refused.code());
        }
        assertEquals(ErrorCode.FORBIDDEN, answer(DeviceOperations.DEVICE_LIST.code()));
        assertTrue(peer.connected());
        assertTrue(freeInTime(), "its lock went with its right");
    }

    /** The lock ends beside the call that took the right back. */
    private boolean freeInTime() throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (kitchen.call(DeviceOperations.DEVICE_INFO, new DeviceRef(LOOP)).holder().isPresent()) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            Thread.onSpinWait();
        }
        return true;
    }
}
