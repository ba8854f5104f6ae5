package org.myclerk.itests.load;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import org.myclerk.api.client.Client;
import org.myclerk.api.client.Followed;
import org.myclerk.api.client.Peer;
import org.myclerk.api.client.Peer.CallOptions;
import org.myclerk.api.operation.OpCode;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Fields;

/**
 * Uses the simulated buses of a node: an output line that is wired to a watched input, and a CAN interface
 * that hears what it sends. It knows the operations by their numbers alone; see {@code Isolated}.
 */
final class BusLoad {

    private static final int LINE_REQUEST = 0x0622;
    private static final int LINE_SET = 0x0624;
    private static final int LINE_WATCH = 0x0626;
    private static final int EDGE = 0x0627;
    private static final int CAN_OPEN = 0x0651;
    private static final int CAN_SEND = 0x0654;
    private static final int CAN_RECEIVE = 0x0655;
    private static final String CHIP = "sim-gpio";
    private static final String CAN = "sim-can";
    private static final long ID = 0x123;
    private static final long OUTPUT = 2;
    private static final long RISING = 1;
    private static final long FALLING = 2;
    private static final CallOptions PATIENT = new CallOptions(null, Duration.ofSeconds(20));

    private final Client client;
    private final Peer peer;
    private final BlockingQueue<Map<String, Object>> edges = new LinkedBlockingQueue<>();
    private final BlockingQueue<Long> frames = new LinkedBlockingQueue<>();
    private final Thread reader = Thread.ofVirtual().unstarted(this::receive);
    private long sent;
    private long got;
    private long toggled;
    private long told;

    BusLoad(Path home) throws IOException, InterruptedException, Refused {
        client = Client.open(home);
        peer = client.own();
        peer.onEvent(Operation.event(EDGE, "EDGE", "An edge", Fields.class),
                event -> edges.add(event.value().toMap()));
        call(LINE_REQUEST, Map.of("chip", CHIP, "lines", List.of(4), "direction", OUTPUT));
        call(LINE_WATCH, Map.of("chip", CHIP, "lines", List.of(5)));
        call(CAN_OPEN, Map.of("channel", CAN, "own-frames", true));
        reader.start();
    }

    private void call(int code, Map<String, Object> payload)
            throws IOException, InterruptedException, Refused {
        peer.call(Operation.unknown(new OpCode(code)), Fields.of(payload), PATIENT);
    }

    private void receive() {
        try (Followed<Fields> receiving = peer.follow(Operation.unknown(new OpCode(CAN_RECEIVE)),
                Fields.of(Map.of("channel", CAN)), 16, new CallOptions(null, Duration.ofHours(1)))) {
            for (Fields some = receiving.next(); some != null; some = receiving.next()) {
                if (some.toMap().get("lost") instanceof Object lost) {
                    throw new IOException(lost + " frames were lost");
                }
                for (Object frame : (List<?>) some.toMap().get("frames")) {
                    Map<?, ?> values = (Map<?, ?>) frame;
                    if (values.get("id").equals(ID)) {
                        frames.add(number((Bytes) values.get("data")));
                    }
                }
            }
            frames.add(-1L);
        } catch (IOException | Refused failed) {
            failed.printStackTrace();
            frames.add(-1L);
        } catch (InterruptedException over) {
            Thread.currentThread().interrupt();
        }
    }

    private static long number(Bytes data) {
        return data.asBuffer().getLong();
    }

    /** Turns the output so often. */
    void toggle(int times) throws IOException, InterruptedException, Refused {
        for (int i = 0; i < times; i++) {
            call(LINE_SET, Map.of("chip", CHIP, "lines", List.of(4), "values", List.of(toggled++ % 2 == 0)));
        }
    }

    /**
     * Waits for the edges of all that was turned: each one once, in order. @return what is wrong, or nothing
     */
    String edges() throws InterruptedException {
        while (told < toggled) {
            Map<String, Object> edge = edges.poll(20, TimeUnit.SECONDS);
            long wanted = told % 2 == 0 ? RISING : FALLING;
            if (edge == null || !edge.get("edge").equals(wanted) || !edge.get("sequence").equals(told + 1)
                    || edge.containsKey("lost")) {
                return "edge %d of %d is %s".formatted(told + 1, toggled, edge);
            }
            told++;
        }
        return "";
    }

    /** Sends numbered frames. */
    void send(int count) throws IOException, InterruptedException, Refused {
        for (int i = 0; i < count; i++) {
            byte[] data = new byte[8];
            java.nio.ByteBuffer.wrap(data).putLong(sent++);
            call(CAN_SEND,
                    Map.of("channel", CAN, "frames", List.of(Map.of("id", ID, "data", Bytes.wrap(data)))));
        }
    }

    /** Waits for all frames that were sent: each one once, in order. @return what is wrong, or nothing */
    String frames() throws InterruptedException {
        while (got < sent) {
            Long frame = frames.poll(20, TimeUnit.SECONDS);
            if (frame == null || frame != got) {
                return "frame %d of %d is %s".formatted(got, sent, frame);
            }
            got++;
        }
        return "";
    }

    void close() {
        reader.interrupt();
        client.close();
    }
}
