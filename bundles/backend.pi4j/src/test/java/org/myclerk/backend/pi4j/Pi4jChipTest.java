package org.myclerk.backend.pi4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.myclerk.api.device.Device;
import org.myclerk.api.device.DeviceSink;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.device.DeviceException;
import org.myclerk.device.gpio.GpioChip;
import org.myclerk.device.gpio.GpioEdge;
import org.myclerk.device.gpio.GpioLines;
import org.myclerk.device.gpio.GpioRequest;
import org.myclerk.device.gpio.GpioSettings;
import org.myclerk.device.gpio.GpioSettings.Bias;
import org.myclerk.device.gpio.GpioSettings.Clock;
import org.myclerk.device.gpio.GpioSettings.Direction;
import org.myclerk.device.gpio.GpioSettings.Drive;
import org.myclerk.device.gpio.GpioSettings.Edge;

import com.pi4j.Pi4J;
import com.pi4j.boardinfo.definition.BoardModel;
import com.pi4j.context.Context;
import com.pi4j.io.gpio.digital.DigitalState;
import com.pi4j.plugin.mock.provider.gpio.digital.MockDigitalInput;
import com.pi4j.plugin.mock.provider.gpio.digital.MockDigitalInputProvider;
import com.pi4j.plugin.mock.provider.gpio.digital.MockDigitalOutput;
import com.pi4j.plugin.mock.provider.gpio.digital.MockDigitalOutputProvider;

/** Against the mock provider of Pi4J itself. */
@Timeout(60)
final class Pi4jChipTest {

    private static final Duration LONG = Duration.ofSeconds(20);

    private final Context context = Pi4J.newContextBuilder().noAutoDetect().disableShutdownHook()
            .add(MockDigitalInputProvider.newInstance(), MockDigitalOutputProvider.newInstance()).build();
    private final Pi4jChip chip = new Pi4jChip(context, BoardModel.MODEL_4_B);

    @AfterEach
    void shutDown() {
        context.shutdown();
    }

    private static GpioSettings settings(Direction direction, boolean activeLow, Edge edge) {
        return new GpioSettings(direction, activeLow, Bias.AS_IS, Drive.PUSH_PULL, edge, Clock.MONOTONIC, 0);
    }

    private GpioLines outputs(boolean activeLow, long values, Integer... lines) throws DeviceException {
        return chip.request(new GpioRequest(List.of(lines), settings(Direction.OUTPUT, activeLow, Edge.NONE),
                values,
                "test"));
    }

    private DigitalState level(int line) {
        return context.registry().get("myclerk-" + line, MockDigitalOutput.class).state();
    }

    private static DeviceException fails(ErrorCode code, Executable call) {
        DeviceException failure = assertThrows(DeviceException.class, call);
        assertEquals(code, failure.code(), failure.getMessage());
        return failure;
    }

    @Test
    void knowsTheHeaderOfABoard() throws Exception {
        assertEquals("Raspberry Pi 4 Model B", chip.label());
        assertEquals(28, chip.lines());
        assertEquals("GPIO17 (pin 11)", chip.info(17).name());
        assertEquals("GPIO2 (pin 3)", chip.info(2).name());
        fails(ErrorCode.BAD_REQUEST, () -> chip.info(28));
        assertEquals(Map.of(), Pi4jChip.names(BoardModel.UNKNOWN));
    }

    @Test
    void offersAChipOnlyWhereAProviderAndAHeaderAre() {
        List<Device> seen = new ArrayList<>();
        DeviceSink sink = new DeviceSink() {

            @Override
            public void appeared(Device device) {
                seen.add(device);
            }

            @Override
            public void vanished(String id) {
                seen.removeIf(device -> device.info().id().equals(id));
            }
        };
        Pi4jBoard.offer(sink, context, BoardModel.UNKNOWN, true);
        Context empty = Pi4J.newContextBuilder().noAutoDetect().disableShutdownHook().build();
        Pi4jBoard.offer(sink, empty, BoardModel.MODEL_4_B, true);
        empty.shutdown();
        assertEquals(List.of(), seen);
        Pi4jBoard.offer(sink, context, BoardModel.MODEL_4_B, true);
        assertTrue(seen.getFirst().driver() instanceof GpioChip);
        assertTrue(seen.getFirst().info().simulated());
        assertEquals("Raspberry Pi 4 Model B", seen.getFirst().info().properties().toMap().get("board"));
    }

    @Test
    void setsAndReadsOutputs() throws Exception {
        try (GpioLines lines = outputs(false, 0b10, 17, 27)) {
            assertEquals(List.of(DigitalState.LOW, DigitalState.HIGH), List.of(level(17), level(27)));
            lines.set(0b01, 0b01);
            assertEquals(List.of(DigitalState.HIGH, DigitalState.HIGH), List.of(level(17), level(27)));
            lines.set(0b11, 0);
            assertEquals(0, lines.get(0b11));
        }
        try (GpioLines lines = outputs(true, 1, 17)) {
            assertEquals(DigitalState.LOW, level(17), "active is the low level");
            assertEquals(1, lines.get(1));
        }
    }

    @Test
    void readsInputsAndTellsTheirEdges() throws Exception {
        GpioRequest request = new GpioRequest(List.of(5, 6), settings(Direction.INPUT, false, Edge.BOTH), 0,
                "test");
        try (GpioLines lines = chip.request(request)) {
            MockDigitalInput six = context.registry().get("myclerk-6", MockDigitalInput.class);
            six.mockState(DigitalState.HIGH);
            six.mockState(DigitalState.LOW);
            six.mockState(DigitalState.HIGH);
            List<GpioEdge> edges = new ArrayList<>();
            while (edges.size() < 3) {
                edges.addAll(lines.edges(LONG));
            }
            assertEquals(List.of(true, false, true), edges.stream().map(GpioEdge::rising).toList());
            assertEquals(List.of(1L, 2L, 3L), edges.stream().map(GpioEdge::sequence).toList());
            assertTrue(edges.stream().allMatch(edge -> edge.line() == 6));
            assertEquals(0b10, lines.get(0b11));
            fails(ErrorCode.BAD_REQUEST, () -> lines.set(1, 1));
            assertEquals(List.of(), lines.edges(Duration.ZERO));
        }
    }

    @Test
    void turnsAnInputIntoAnOutput() throws Exception {
        GpioRequest request = new GpioRequest(List.of(5), settings(Direction.INPUT, false, Edge.NONE), 0,
                "test");
        try (GpioLines lines = chip.request(request)) {
            lines.configure(settings(Direction.OUTPUT, false, Edge.NONE), 1);
            assertEquals(DigitalState.HIGH, level(5));
            assertEquals(Direction.OUTPUT, lines.request().settings().direction());
        }
    }

    @Test
    void namesWhoHasALineAndGivesItBack() throws Exception {
        GpioLines lines = outputs(false, 0, 17);
        assertEquals("test", chip.info(17).consumer());
        assertTrue(fails(ErrorCode.SERVICE_UNAVAILABLE, () -> outputs(false, 0, 4, 17)).getMessage()
                .contains("in use by \"test\""));
        assertFalse(chip.info(4).used(), "a request takes all its lines or none");
        lines.close();
        lines.close();
        fails(ErrorCode.SERVICE_UNAVAILABLE, () -> lines.get(1));
        outputs(false, 0, 4, 17).close();
    }

    @Test
    void refusesWhatPi4jCannot() {
        fails(ErrorCode.BAD_REQUEST,
                () -> chip.request(new GpioRequest(List.of(17), new GpioSettings(Direction.OUTPUT,
                false, Bias.AS_IS, Drive.OPEN_DRAIN, Edge.NONE, Clock.MONOTONIC, 0), 0, "test")));
        fails(ErrorCode.BAD_REQUEST, () -> chip.request(new GpioRequest(List.of(40),
                settings(Direction.INPUT, false, Edge.NONE), 0, "test")));
        fails(ErrorCode.BAD_REQUEST, () -> chip.request(new GpioRequest(List.of(17),
                settings(Direction.AS_IS, false, Edge.NONE), 0, "test")));
    }
}
