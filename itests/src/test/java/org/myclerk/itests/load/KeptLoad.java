package org.myclerk.itests.load;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

import org.myclerk.api.client.Client;
import org.myclerk.api.client.Peer;
import org.myclerk.api.client.Peer.CallOptions;
import org.myclerk.api.operation.OpCode;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Fields;

/**
 * Has simulated devices of a node in use, each set up as nobody would find it by chance: an output that is
 * on, a PWM channel, a CAN interface with a filter, an SPI device, a 1-Wire bus. It knows the operations by
 * their numbers alone; see {@code Isolated}.
 */
final class KeptLoad {

    private static final int LINE_INFO = 0x0621;
    private static final int LINE_REQUEST = 0x0622;
    private static final int LINE_GET = 0x0625;
    private static final int PWM_CONFIGURE = 0x0628;
    private static final int PWM_SET = 0x0629;
    private static final int SPI_OPEN = 0x0641;
    private static final int SPI_CONFIGURE = 0x0643;
    private static final int CAN_OPEN = 0x0651;
    private static final int CAN_SEND = 0x0654;
    private static final int CAN_RECEIVE = 0x0655;
    private static final int CAN_FILTER = 0x0656;
    private static final int ONEWIRE_LIST = 0x0660;
    private static final int ONEWIRE_SKIP = 0x0665;
    private static final String CHIP = "sim-gpio";
    private static final String PWM = "sim-pwm";
    private static final String CAN = "sim-can";
    private static final String SPI = "sim-spi-0";
    private static final String BUS = "sim-onewire";
    private static final long WANTED = 0x123;
    private static final long OTHER = 0x124;
    private static final int OUTPUT = 2;
    private static final long PERIOD = 20_000_000;
    private static final CallOptions PATIENT = new CallOptions(null, Duration.ofSeconds(20));

    private final Client client;
    private final Peer peer;
    private final Fields spi;
    private long duty = 1_000_000;

    KeptLoad(Path home) throws IOException, InterruptedException, Refused {
        client = Client.open(home);
        peer = client.own();
        call(LINE_REQUEST, Map.of("chip", CHIP, "lines", List.of(4), "direction", OUTPUT,
                "values", List.of(true), "safe", List.of(false), "label", "pump"));
        call(PWM_CONFIGURE, Map.of("chip", PWM, "channel", 0, "period-nanos", PERIOD, "duty-nanos", duty));
        call(CAN_OPEN, Map.of("channel", CAN, "own-frames", true));
        call(CAN_FILTER, Map.of("channel", CAN, "filters", List.of(Map.of("id", WANTED, "mask", 0x7FF))));
        spi = call(SPI_OPEN, Map.of("device", SPI, "mode", 3, "speed-hz", 123_456));
    }

    private Fields call(int code, Map<String, Object> payload)
            throws IOException, InterruptedException, Refused {
        return peer.call(Operation.unknown(new OpCode(code)), Fields.of(payload), PATIENT);
    }

    /** A step on the 1-Wire bus, which is the node's from then on. */
    void select() throws IOException, InterruptedException, Refused {
        call(ONEWIRE_SKIP, Map.of("bus", BUS));
    }

    private interface Question {

        Object ask() throws IOException, InterruptedException, Refused;
    }

    /** Asks until the answer is what is wanted. @return what is wrong, or nothing */
    private static String await(Object wanted, Question question)
            throws IOException, InterruptedException, Refused {
        long end = System.nanoTime() + PATIENT.timeout().toNanos();
        Object answer = question.ask();
        while (!wanted.equals(answer)) {
            if (System.nanoTime() > end) {
                return "%s, not %s".formatted(answer, wanted);
            }
            answer = question.ask();
        }
        return "";
    }

    private Map<?, ?> first(int code, Map<String, Object> payload, String list)
            throws IOException, InterruptedException, Refused {
        return (Map<?, ?>) ((List<?>) call(code, payload).toMap().get(list)).getFirst();
    }

    /** Waits until the output is held again, without a request for it. @return what is wrong, or nothing */
    String line() throws IOException, InterruptedException, Refused {
        return await("pump", () -> first(LINE_INFO, Map.of("chip", CHIP, "line", 4), "lines").get("consumer"))
                + await(List.of(true), () -> call(LINE_GET, Map.of("chip", CHIP, "lines", List.of(5))).toMap()
                        .get("values"));
    }

    /** Waits until nobody has the 1-Wire bus: nothing is selected now. @return what is wrong, or nothing */
    String selection() throws IOException, InterruptedException, Refused {
        return await(true, () -> !first(ONEWIRE_LIST, Map.of(), "buses").containsKey("holder"));
    }

    /** Uses everything else. @return what is wrong, or nothing */
    String rest() throws IOException, InterruptedException, Refused {
        duty += 1_000;
        Fields pwm = call(PWM_SET, Map.of("chip", PWM, "channel", 0, "duty-nanos", duty));
        if (!pwm.toMap().equals(Map.of("period-nanos", PERIOD, "duty-nanos", duty, "inversed", false,
                "enabled", true))) {
            return "the output runs with " + pwm;
        }
        Fields now = call(SPI_CONFIGURE, Map.of("device", SPI));
        if (!now.equals(spi)) {
            return "the SPI device runs with %s, not %s".formatted(now, spi);
        }
        for (long id : new long[] {OTHER, WANTED}) {
            Map<String, Object> frame = Map.of("id", id, "data", Bytes.wrap((byte) 1));
            call(CAN_SEND, Map.of("channel", CAN, "frames", List.of(frame)));
        }
        List<?> frames = (List<?>) call(CAN_RECEIVE, Map.of("channel", CAN, "timeout-ms", 5_000)).toMap()
                .get("frames");
        return frames.size() == 1 && ((Map<?, ?>) frames.getFirst()).get("id").equals(WANTED) ? ""
                : "received " + frames;
    }

    void close() {
        client.close();
    }
}
