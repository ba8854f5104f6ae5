package org.myclerk.core.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.myclerk.api.client.Client;
import org.myclerk.api.client.Peer;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.OperationTable;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Done;
import org.myclerk.api.payload.Fields;
import org.myclerk.api.payload.None;
import org.myclerk.api.payload.Payload;
import org.myclerk.api.payload.Range;
import org.myclerk.core.frame.Frame;
import org.myclerk.core.frame.PlainFrames;
import org.myclerk.core.session.PlaintextRules;

/** What an operator opened for one network, over a socket, with a peer that has no keys (profile §16). */
@Timeout(60)
class PlaintextTest {

    /** A lamp on or off. */
    public record Lamp(@Range(max = 1) int on) {
    }

    private static final Operation<Lamp, Lamp> SET =
            Operation.call(0xF001, "LAMP_SET", "Sets it", Lamp.class, Lamp.class).floor(Tier.T1);
    private static final Operation<None, Done> OTHER =
            Operation.call(0xF002, "LAMP_OTHER", "No rule names it", None.class, Done.class).floor(Tier.T1);
    private static final Operation<None, Done> GUARDED =
            Operation.call(0xF003, "LAMP_GUARDED", "A rule names it, in vain", None.class, Done.class);
    private static final OperationTable TABLE = OperationTable.of("lamp", 0xF000, 0xF00F, SET, OTHER,
            GUARDED);
    private static final int SESSION_INIT = 0x0003;
    private static final int SESSION_ACK = 0x0004;

    @TempDir
    Path folder;

    private final BlockingQueue<Caller> callers = new LinkedBlockingQueue<>();
    private TestNode node;

    @BeforeEach
    void start() throws Exception {
        node = new TestNode(folder.resolve("node"), "hub",
                PlaintextRules.parse(List.of("0xF001 from 127.0.0.8/29 at 3/h",
                        "0xF003 from 127.0.0.8/29 at 3/h", "0xF004 from 127.0.0.8/29 at 3/h",
                        "0xF002 from 127.0.0.8/29 at 3/h on 127.0.0.1:1", "0xF005 from 127.0.0.1 at 1/min")));
        node.serve(TABLE.bind()
                .to(SET, (caller, lamp) -> {
                    callers.add(caller);
                    return lamp;
                })
                .to(OTHER, (caller, none) -> {
                    callers.add(caller);
                    return Done.DONE;
                })
                .to(GUARDED, (caller, none) -> {
                    callers.add(caller);
                    return Done.DONE;
                }).done());
    }

    @AfterEach
    void stop() {
        node.close();
    }

    /** A device without keys. */
    private final class Device implements AutoCloseable {
        private final Socket socket = new Socket();
        private final DataOutputStream out;
        private final DataInputStream in;
        private int sequence = 1;

        Device(String from) throws IOException {
            socket.setSoTimeout(20_000);
            socket.bind(new InetSocketAddress(InetAddress.getByName(from), 0));
            socket.connect(new InetSocketAddress("127.0.0.1", node.endpoint.port()));
            out = new DataOutputStream(socket.getOutputStream());
            in = new DataInputStream(socket.getInputStream());
        }

        void send(byte[] frame) throws IOException {
            out.writeInt(frame.length);
            out.write(frame);
            out.flush();
        }

        void send(Tier tier, int operation, int session, Map<String, Object> payload) throws IOException {
            send(PlainFrames.write(tier, operation, sequence++, session, 0, 0, null,
                    Fields.of(payload).encoded().toArray()));
        }

        Frame receive() throws IOException, Malformed {
            byte[] bytes = new byte[in.readInt()];
            in.readFully(bytes);
            Frame frame = Frame.parse(bytes, 0, bytes.length);
            PlainFrames.checkTrailer(frame);
            return frame;
        }

        void begin() throws IOException {
            send(PlainFrames.write(Tier.T2, SESSION_INIT, 0, 0, 0, 0, null,
                    init(Instant.now().getEpochSecond())));
        }

        int session() throws IOException, Malformed {
            begin();
            Frame ack = receive();
            assertEquals(SESSION_ACK, ack.operation());
            assertEquals(Tier.T2, ack.tier());
            Map<String, Object> fields = fields(ack);
            assertEquals(2L, fields.get("selected-tier"));
            assertEquals(Bytes.ofHex("0102030405060708"), fields.get("echo"));
            assertEquals((long) ack.sessionId(), fields.get("session-id"));
            assertNotEquals(0, ack.sessionId());
            return ack.sessionId();
        }

        /** The node has ended the connection and said nothing. */
        void assertSilence() throws IOException {
            assertEquals(-1, in.read());
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private static byte[] init(long time) {
        return Fields.of(Map.of("nonce", Bytes.ofHex("0102030405060708"), "timestamp", time, "profile", 1,
                "capabilities", List.of(0, 2, 4))).encoded().toArray();
    }

    private static Map<String, Object> fields(Frame frame) throws Malformed {
        return Payload.decode(frame.array(), frame.bodyOffset(), frame.bodyLength()).toMap();
    }

    private static Map<String, Object> on(int rid) {
        return Map.of("rid", rid, "on", 1);
    }

    @Test
    void answersAtTier2InASessionWithoutKeys() throws Exception {
        try (Device device = new Device("127.0.0.9")) {
            int session = device.session();
            device.send(Tier.T2, 0xF001, session, on(7));
            Frame answer = device.receive();
            assertEquals(List.of(0xF001, session, 1, Tier.T2), List.of(answer.operation(), answer.sessionId(),
                    answer.sequence(), answer.tier()));
            assertEquals(Map.of("rid", 7L, "status", 0L, "on", 1L), fields(answer));
            device.send(Tier.T2, 0xF001, session, Map.of("rid", 8, "on", 5));
            assertEquals((long) ErrorCode.BAD_REQUEST.value(), fields(device.receive()).get("status"));
        }
        Caller caller = callers.take();
        assertTrue(caller.anonymous());
        assertEquals(List.of(Bytes.EMPTY, "anonymous", Set.of(), Tier.T2),
                List.of(caller.nodeId(), caller.name(), caller.roles(), caller.tier()));
        assertThrows(IllegalStateException.class, caller::peer);
        assertFalse(caller.emit(Operation.event(0xF005, "X", "X", Lamp.class), new Lamp(1)));
    }

    @Test
    void doesWhatTier1SaysAndAnswersNothing() throws Exception {
        try (Device device = new Device("127.0.0.15")) {
            device.send(Tier.T1, 0xF001, 0, on(1));
            assertEquals(Tier.T1, callers.take().tier());
            device.send(Tier.T1, 0xF001, 0, Map.of("on", 0));
            callers.take();
            device.send(Tier.T1, 0xF002, 0, Map.of());
            device.assertSilence();
        }
        assertTrue(callers.isEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.7", "127.0.0.16"})
    void saysNothingToAnotherNetwork(String from) throws Exception {
        for (Tier tier : List.of(Tier.T1, Tier.T2)) {
            try (Device device = new Device(from)) {
                device.send(tier, 0xF001, 1, on(1));
                device.assertSilence();
            }
        }
        try (Device device = new Device(from)) {
            device.begin();
            Frame refusal = device.receive();
            assertEquals(0, refusal.sessionId());
            assertEquals(Map.of("echo", Bytes.ofHex("0102030405060708"), "status", 0x12L, "required-tier",
                    3L),
                    fields(refusal));
            device.assertSilence();
        }
        assertTrue(callers.isEmpty());
    }

    /** Neither what no rule names, nor what a rule for another listener names. */
    @ParameterizedTest
    @CsvSource({"2,0xF002", "1,0xF002", "2,0x0005", "2,0x0250", "2,0x0007"})
    void saysNothingToAnotherOperation(int tier, String operation) throws Exception {
        try (Device device = new Device("127.0.0.9")) {
            int session = device.session();
            device.send(Tier.of(tier), Integer.decode(operation), session, Map.of("rid", 1));
            device.assertSilence();
        }
        assertTrue(callers.isEmpty());
    }

    @Test
    void keepsTheFloorOfAnOperationThatARuleNames() throws Exception {
        try (Device device = new Device("127.0.0.9")) {
            int session = device.session();
            device.send(Tier.T2, 0xF003, session, Map.of("rid", 1));
            device.send(Tier.T2, 0xF004, session, Map.of("rid", 2));
            device.send(Tier.T2, 0xF001, session, on(3));
            assertEquals(3L, fields(device.receive()).get("rid"));
        }
        callers.take();
        assertTrue(callers.isEmpty());
    }

    @Test
    void takesNoMoreThanTheRateFromAllTogether() throws Exception {
        try (Device one = new Device("127.0.0.9"); Device other = new Device("127.0.0.10")) {
            int session = one.session();
            int otherSession = other.session();
            for (int rid = 1; rid <= 2; rid++) {
                one.send(Tier.T2, 0xF001, session, on(rid));
                assertEquals((long) rid, fields(one.receive()).get("rid"));
            }
            other.send(Tier.T2, 0xF001, otherSession, on(1));
            other.receive();
            other.send(Tier.T2, 0xF001, otherSession, on(2));
            one.send(Tier.T2, 0xF001, session, on(3));
            one.send(Tier.T2, 0xF002, session, Map.of("rid", 4));
            one.assertSilence();
        }
        assertEquals(3, callers.size());
    }

    @Test
    void endsTheConnectionOfWhoBreaksARule() throws Exception {
        byte[] good =
                PlainFrames.write(Tier.T2, 0xF001, 1, 1, 0, 0, null, Fields.of(on(1)).encoded().toArray());
        byte[] altered = good.clone();
        altered[8] ^= 1;
        byte[] late = PlainFrames.write(Tier.T2, SESSION_INIT, 0, 0, 0, 0, null,
                init(Instant.now().getEpochSecond() - 4000));
        byte[] numbered = PlainFrames.write(Tier.T2, SESSION_INIT, 0, 9, 0, 0, null,
                init(Instant.now().getEpochSecond()));
        byte[] noMap = PlainFrames.write(Tier.T1, 0xF001, 0, 0, 0, 0, null, new byte[] {1});
        byte[] strong = PlainFrames.write(Tier.T3, SESSION_INIT, 0, 0, 0, 0, null, new byte[] {(byte) 0x80});
        for (byte[] frame : List.of(good, altered, late, numbered, noMap)) {
            try (Device device = new Device("127.0.0.9")) {
                device.send(frame);
                device.assertSilence();
            }
        }
        try (Device device = new Device("127.0.0.9")) {
            device.session();
            device.send(strong);
            device.assertSilence();
        }
        assertTrue(callers.isEmpty());
    }

    @Test
    void refusesASessionItDoesNotUnderstand() throws Exception {
        for (Map<String, Object> wrong : List.<Map<String, Object>>of(Map.of("nonce", 0),
                Map.of("nonce", Bytes.ofHex("0102030405060708"), "profile", 2,
                        "timestamp", Instant.now().getEpochSecond()))) {
            try (Device device = new Device("127.0.0.9")) {
                device.send(PlainFrames.write(Tier.T2, SESSION_INIT, 0, 0, 0, 0, null,
                        Fields.of(wrong).encoded().toArray()));
                assertEquals(0x10L, fields(device.receive()).get("status"));
                device.assertSilence();
            }
        }
    }

    @Test
    void letsKeysInFromThatNetworkToo() throws Exception {
        Path operator = folder.resolve("operator");
        Client.join(operator, node.family.invite("admin", Duration.ofMinutes(5), List.of(), Optional.empty()),
                Optional.of("ada"));
        try (Client client = Client.open(operator)) {
            Peer peer = client.connect(node.endpoint, Client.Wish.USUAL);
            assertEquals(new Lamp(1), peer.call(SET, new Lamp(1), Peer.CallOptions.USUAL));
        }
        assertEquals("ada", callers.take().name());
    }
}
