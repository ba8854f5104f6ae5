package org.myclerk.itests.rights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.myclerk.api.client.Client;
import org.myclerk.api.client.Peer;
import org.myclerk.api.client.Peer.CallOptions;
import org.myclerk.api.device.DeviceInfo;
import org.myclerk.api.operation.OpCode;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Fields;
import org.myclerk.api.payload.Payload;
import org.myclerk.api.transport.Endpoint;
import org.myclerk.core.frame.Frame;
import org.myclerk.core.frame.PlainFrames;
import org.myclerk.op.device.DeviceConfiguration;
import org.myclerk.op.device.DeviceOperations;

/**
 * A GPIO chip that an operator has opened in plaintext for this machine, until a door lock hangs on it
 * (profile §16): then neither a socket without keys nor a session below tier 3 gets at it.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PhysicalAccessTest {

    private static final int SESSION_INIT = 0x0003;
    private static final int GPIO_LINE_INFO = 0x0621;
    private static final String CHIP = "sim-gpio";
    private static final Fields LINES = Fields.of(Map.of("chip", CHIP, "line", 0L));

    @TempDir
    Path folder;

    /** The status of the answer to a sender without keys, and the tier it is told to use. */
    private static List<Object> plaintext(Endpoint endpoint) throws Exception {
        try (Socket socket = new Socket(endpoint.host(), endpoint.port())) {
            socket.setSoTimeout(20_000);
            DataInputStream in = new DataInputStream(socket.getInputStream());
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            send(out, PlainFrames.write(Tier.T2, SESSION_INIT, 0, 0, 0, 0, null, Fields.of(Map.of("nonce",
                    Bytes.ofHex("0102030405060708"), "timestamp", Instant.now().getEpochSecond(), "profile",
                    1,
                    "capabilities", List.of(0))).encoded().toArray()));
            int session = receive(in).sessionId();
            send(out, PlainFrames.write(Tier.T2, GPIO_LINE_INFO, 1, session, 0, 0, null, Fields.of(
                    Map.of("rid", 1, "chip", CHIP, "line", 0)).encoded().toArray()));
            Frame answer = receive(in);
            Map<String, Object> said = Payload.decode(answer.array(), answer.bodyOffset(),
                    answer.bodyLength()).toMap();
            return List.of(said.get("status"), Optional.ofNullable(said.get("required-tier")));
        }
    }

    private static void send(DataOutputStream out, byte[] frame) throws Exception {
        out.writeInt(frame.length);
        out.write(frame);
        out.flush();
    }

    private static Frame receive(DataInputStream in) throws Exception {
        byte[] bytes = new byte[in.readInt()];
        in.readFully(bytes);
        return Frame.parse(bytes, 0, bytes.length);
    }

    @Test
    void keepsPlaintextFromADoorLock() throws Exception {
        try (NodeProcess node = NodeProcess.start(folder.resolve("kitchen"), "kitchen", "--features", "demo",
                "--set",
                "core.node.plaintext=0x%04X from 127.0.0.1 at 100/s".formatted(GPIO_LINE_INFO));
                Client client = Client.open(node.home())) {
            Peer kitchen = client.own();
            assertEquals(List.of(0L, Optional.empty()), plaintext(node.endpoint()));
            ask(kitchen, Tier.T2);

            mark(kitchen, true);
            assertEquals(List.of(0x12L, Optional.of(3L)), plaintext(node.endpoint()));
            assertEquals(Tier.T3, assertThrows(Refused.class, () -> ask(kitchen, Tier.T2)).requiredTier());
            ask(kitchen, Tier.T3);
            String listed = node.run("devices").out();
            assertTrue(listed.contains("gpio, physical access"), listed);

            mark(kitchen, false);
            assertEquals(List.of(0L, Optional.empty()), plaintext(node.endpoint()));
        }
    }

    private static void ask(Peer kitchen, Tier tier) throws Exception {
        kitchen.call(Operation.unknown(new OpCode(GPIO_LINE_INFO)), LINES,
                new CallOptions(tier, CallOptions.USUAL.timeout()));
    }

    private static void mark(Peer kitchen, boolean physicalAccess) throws Exception {
        kitchen.call(DeviceOperations.DEVICE_CONFIGURE, new DeviceConfiguration(CHIP, Optional.empty(),
                Optional.empty(),
                Optional.of(Fields.of(Map.of(DeviceInfo.PHYSICAL_ACCESS, physicalAccess)))));
    }
}
