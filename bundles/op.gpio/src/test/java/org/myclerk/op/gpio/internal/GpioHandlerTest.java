package org.myclerk.op.gpio.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.myclerk.op.gpio.GpioOperations.GPIO_CHIP_LIST;
import static org.myclerk.op.gpio.GpioOperations.GPIO_LINE_GET;
import static org.myclerk.op.gpio.GpioOperations.GPIO_LINE_INFO;
import static org.myclerk.op.gpio.GpioOperations.GPIO_LINE_RELEASE;
import static org.myclerk.op.gpio.GpioOperations.GPIO_LINE_REQUEST;
import static org.myclerk.op.gpio.GpioOperations.GPIO_LINE_SET;
import static org.myclerk.op.gpio.GpioOperations.GPIO_LINE_WATCH;
import static org.myclerk.op.gpio.GpioOperations.GPIO_PWM_CONFIGURE;
import static org.myclerk.op.gpio.GpioOperations.GPIO_PWM_SET;
import static org.myclerk.testing.TestCalls.refused;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.myclerk.api.device.Lease;
import org.myclerk.api.operation.Bindings;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.None;
import org.myclerk.backend.sim.SimulatedZoo;
import org.myclerk.device.gpio.UsedChip;
import org.myclerk.devices.DeviceRegistry;
import org.myclerk.op.gpio.Bias;
import org.myclerk.op.gpio.ChipInfo;
import org.myclerk.op.gpio.Clock;
import org.myclerk.op.gpio.Direction;
import org.myclerk.op.gpio.Drive;
import org.myclerk.op.gpio.Edge;
import org.myclerk.op.gpio.GpioEvent;
import org.myclerk.op.gpio.LineGet;
import org.myclerk.op.gpio.LineInfo;
import org.myclerk.op.gpio.LineInfos;
import org.myclerk.op.gpio.LineQuery;
import org.myclerk.op.gpio.LineRelease;
import org.myclerk.op.gpio.LineRequest;
import org.myclerk.op.gpio.LineSet;
import org.myclerk.op.gpio.LineWatch;
import org.myclerk.op.gpio.PwmDuty;
import org.myclerk.op.gpio.PwmSetup;
import org.myclerk.op.gpio.PwmState;
import org.myclerk.testing.TestCaller;
import org.myclerk.testing.TestCalls;

@Timeout(60)
final class GpioHandlerTest {

    private static final String CHIP = "sim-gpio";

    private final SimulatedZoo zoo = new SimulatedZoo(InstantSource.fixed(Instant.EPOCH),
            Duration.ofHours(1));
    private final DeviceRegistry devices = new DeviceRegistry(Duration.ofSeconds(30));
    private final GpioHandler handler = new GpioHandler(devices);
    private final Bindings bindings = handler.bindings();
    private final TestCaller ada = new TestCaller("ada", 1);
    private final TestCaller bob = new TestCaller("bob", 2);

    @BeforeEach
    void plugIn() {
        devices.addSource(zoo);
    }

    @AfterEach
    void stop() {
        handler.stop();
        devices.stop();
    }

    private <Q, A> A call(Caller caller, Operation<Q, A> row, Q request)
            throws Refused, InterruptedException {
        return TestCalls.call(bindings, caller, row, request);
    }

    private LineInfos request(Caller caller, List<Integer> lines, Direction direction, List<Boolean> safe)
            throws Refused, InterruptedException {
        return call(caller, GPIO_LINE_REQUEST, new LineRequest(CHIP, lines, Optional.of(direction),
                Optional.empty(),
                Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(),
                safe.isEmpty() ? Optional.empty() : Optional.of(safe), Optional.empty()));
    }

    private List<Boolean> get(Caller caller, Integer... lines) throws Refused, InterruptedException {
        return call(caller, GPIO_LINE_GET, new LineGet(CHIP, List.of(lines))).values();
    }

    private void set(Caller caller, List<Integer> lines, Boolean... values)
            throws Refused, InterruptedException {
        call(caller, GPIO_LINE_SET, new LineSet(CHIP, lines, List.of(values)));
    }

    private void release(Caller caller, Integer... lines) throws Refused, InterruptedException {
        call(caller, GPIO_LINE_RELEASE, new LineRelease(CHIP,
                lines.length == 0 ? Optional.empty() : Optional.of(List.of(lines))));
    }

    private LineInfo info(int line) throws Refused, InterruptedException {
        return call(ada, GPIO_LINE_INFO, new LineQuery(CHIP, Optional.of(line))).lines().getFirst();
    }

    @Test
    void listsChips() throws Exception {
        assertEquals(List.of(
                new ChipInfo(CHIP, CHIP, "GPIO chip with a button and an LED", "simulated", 8, 0, true,
                        Optional.empty()),
                new ChipInfo("sim-pwm", "sim-pwm", "PWM chip with a dimmer and a servo", "simulated", 0, 2,
                true,
                        Optional.empty())),
                call(ada, GPIO_CHIP_LIST, None.NONE).chips());
    }

    @Test
    void tellsWhoUsesALine() throws Exception {
        assertEquals(8, call(ada, GPIO_LINE_INFO, new LineQuery(CHIP, Optional.empty())).lines().size());
        assertEquals(new LineInfo(7, Optional.of("power"), Optional.of("power-led"), true, Direction.OUTPUT,
                false, Bias.AS_IS, Drive.PUSH_PULL, Edge.NONE, 0), info(7));
        request(ada, List.of(1), Direction.OUTPUT, List.of());
        assertEquals(Optional.of("myclerk ada"), info(1).consumer());
        refused(ErrorCode.BAD_REQUEST, "sim-gpio has lines 0 to 7, not 8", () -> info(8));
    }

    @Test
    void setsAndGetsSeveralLinesAtOnce() throws Exception {
        request(ada, List.of(4, 1), Direction.OUTPUT, List.of());
        request(ada, List.of(2), Direction.OUTPUT, List.of());
        set(ada, List.of(1, 2, 4), false, true, true);
        assertEquals(List.of(true, true, false, true), get(ada, 5, 4, 1, 2));
        set(ada, List.of(4), false);
        assertEquals(List.of(false, false, true), get(ada, 5, 4, 2));
    }

    @Test
    void refusesALineThatAnotherHasAndNamesIt() throws Exception {
        request(ada, List.of(1, 2), Direction.OUTPUT, List.of());
        refused(ErrorCode.SERVICE_UNAVAILABLE, "line 2 is held by \"myclerk ada\"",
                () -> request(bob, List.of(2, 3), Direction.OUTPUT, List.of()));
        refused(ErrorCode.SERVICE_UNAVAILABLE, "line 7 is held by \"power-led\"", () -> get(bob, 7));
        refused(ErrorCode.BAD_REQUEST, "you have line 1 of sim-gpio already",
                () -> request(ada, List.of(1), Direction.INPUT, List.of()));
        request(bob, List.of(3), Direction.OUTPUT, List.of());
        refused(ErrorCode.BAD_REQUEST, "line 1 of sim-gpio is not yours", () -> set(bob, List.of(1), true));
    }

    @Test
    void refusesWhatMakesNoSense() throws Exception {
        refused(ErrorCode.BAD_REQUEST, "a line is named twice", () -> get(ada, 1, 1));
        refused(ErrorCode.BAD_REQUEST, "values and safe are for outputs",
                () -> request(ada, List.of(1), Direction.INPUT, List.of(true)));
        refused(ErrorCode.BAD_REQUEST, "2 values for 1 lines",
                () -> request(ada, List.of(1), Direction.OUTPUT, List.of(true, true)));
        request(ada, List.of(3), Direction.INPUT, List.of());
        refused(ErrorCode.BAD_REQUEST, "line 3 of sim-gpio is an input", () -> set(ada, List.of(3), true));
        refused(ErrorCode.NOT_FOUND, "", () -> call(ada, GPIO_LINE_GET, new LineGet("sim-none", List.of(1))));
    }

    @Test
    void givesBackTogetherWhatWasRequestedTogether() throws Exception {
        request(ada, List.of(1, 2), Direction.OUTPUT, List.of());
        request(ada, List.of(3), Direction.OUTPUT, List.of());
        refused(ErrorCode.BAD_REQUEST, "lines [1, 2] of sim-gpio were requested together",
                () -> release(ada, 1));
        release(ada, 2, 1);
        request(bob, List.of(1), Direction.OUTPUT, List.of());
        refused(ErrorCode.BAD_REQUEST, "you have no line [1]", () -> release(ada, 1));
        release(ada);
        refused(ErrorCode.BAD_REQUEST, "you have no line of sim-gpio", () -> release(ada));
        assertEquals(Optional.of("bob"), call(ada, GPIO_CHIP_LIST, None.NONE).chips().getFirst().holder());
    }

    @Test
    void setsOutputsToTheirSafeStateWhenTheirLeaseEnds() throws Exception {
        request(ada, List.of(4, 2), Direction.OUTPUT, List.of(false, true));
        set(ada, List.of(4, 2), true, false);
        assertEquals(List.of(true, false), get(ada, 5, 2));
        devices.leaseOf(ada, CHIP).orElseThrow().release();
        assertEquals(List.of(false, true), get(bob, 5, 2));
    }

    @Test
    void keepsLinesOverTheEndOfASessionForTheSameNode() throws Exception {
        request(ada, List.of(4), Direction.OUTPUT, List.of());
        set(ada, List.of(4), true);
        ada.endSession();
        TestCaller again = new TestCaller("ada", 3);
        set(again, List.of(4), false);
        assertEquals(List.of(false), get(bob, 5));
    }

    @Test
    void tellsEdgesInTheirOrder() throws Exception {
        request(ada, List.of(4), Direction.OUTPUT, List.of());
        call(bob, GPIO_LINE_WATCH, new LineWatch(CHIP, List.of(5), Optional.empty(),
                Optional.of(Clock.REALTIME)));
        for (int i = 0; i < 100; i++) {
            set(ada, List.of(4), i % 2 == 0);
        }
        for (int i = 0; i < 100; i++) {
            GpioEvent event = (GpioEvent) bob.events.take();
            assertEquals(new GpioEvent(CHIP, 5, i % 2 == 0 ? Edge.RISING : Edge.FALLING,
                    event.timestampNanos(),
                    i + 1, i + 1, Optional.empty()), event);
        }
        call(bob, GPIO_LINE_WATCH, new LineWatch(CHIP, List.of(5), Optional.of(Edge.FALLING),
                Optional.empty()));
        set(ada, List.of(4), true);
        set(ada, List.of(4), false);
        assertEquals(Edge.FALLING, ((GpioEvent) bob.events.take()).edge());
        refused(ErrorCode.BAD_REQUEST, "line 4 of sim-gpio is an output", () -> call(ada, GPIO_LINE_WATCH,
                new LineWatch(CHIP, List.of(4), Optional.empty(), Optional.empty())));
    }

    @Test
    void countsEdgesThatNobodyTook() throws Exception {
        request(ada, List.of(4), Direction.OUTPUT, List.of());
        call(bob, GPIO_LINE_WATCH, new LineWatch(CHIP, List.of(5), Optional.empty(), Optional.empty()));
        set(ada, List.of(4), true);
        bob.events.take();
        bob.endSession();
        set(ada, List.of(4), false);
        TestCaller again = new TestCaller("bob", 3);
        call(again, GPIO_LINE_WATCH, new LineWatch(CHIP, List.of(5), Optional.of(Edge.RISING),
                Optional.empty()));
        set(ada, List.of(4), true);
        GpioEvent event = (GpioEvent) again.events.take();
        if (event.edge() == Edge.FALLING) {
            // It was still waiting when the session came back.
            assertEquals(Optional.empty(), event.lost());
        } else {
            assertEquals(Optional.of(1L), event.lost());
        }
    }

    @Test
    void tellsAUserThatItsChipWasUnplugged() throws Exception {
        request(ada, List.of(4), Direction.OUTPUT, List.of());
        CompletableFuture<Lease.End> end = new CompletableFuture<>();
        devices.leaseOf(ada, CHIP).orElseThrow().onEnd(end::complete);
        zoo.unplug(CHIP);
        assertEquals(Lease.End.VANISHED, end.get(20, TimeUnit.SECONDS));
        refused(ErrorCode.NOT_FOUND, "", () -> get(ada, 4));
        zoo.plug(CHIP);
        request(bob, List.of(4), Direction.OUTPUT, List.of());
    }

    @Test
    void runsAPwmChannel() throws Exception {
        assertEquals(new PwmState(20_000_000, 1_500_000, false, true), call(ada, GPIO_PWM_CONFIGURE,
                pwm(0, Optional.of(20_000_000L), Optional.of(1_500_000L))));
        assertEquals(new PwmState(20_000_000, 2_000_000, false, true),
                call(ada, GPIO_PWM_SET, new PwmDuty("sim-pwm", 0, 2_000_000)));
        refused(ErrorCode.BAD_REQUEST, "does not fit into a period",
                () -> call(ada, GPIO_PWM_SET, new PwmDuty("sim-pwm", 0, 20_000_001)));
        refused(ErrorCode.BAD_REQUEST, "does not fit", () -> call(bob, GPIO_PWM_CONFIGURE,
                pwm(1, Optional.empty(), Optional.of(5L))));
        refused(ErrorCode.SERVICE_UNAVAILABLE, "channel 0 of sim-pwm is in use",
                () -> call(bob, GPIO_PWM_CONFIGURE, pwm(0, Optional.of(1000L), Optional.empty())));
        refused(ErrorCode.BAD_REQUEST, "is not yours",
                () -> call(bob, GPIO_PWM_SET, new PwmDuty("sim-pwm", 0, 1)));
        call(ada, GPIO_LINE_RELEASE, new LineRelease("sim-pwm", Optional.of(List.of(0))));
        call(bob, GPIO_PWM_CONFIGURE, pwm(0, Optional.of(1000L), Optional.of(0L)));
    }

    private static PwmSetup pwm(int channel, Optional<Long> period, Optional<Long> duty) {
        return new PwmSetup("sim-pwm", channel, period, duty, Optional.empty(), Optional.empty());
    }

    @Test
    void leavesLinesAndTheirEdgesToItsNextVersion() throws Exception {
        request(ada, List.of(4), Direction.OUTPUT, List.of(false));
        call(bob, GPIO_LINE_WATCH, new LineWatch(CHIP, List.of(5), Optional.empty(), Optional.empty()));
        set(ada, List.of(4), true);
        GpioHandler next = new GpioHandler(devices);
        handler.stop();
        assertEquals(List.of(true), get(bob, 5));
        set(ada, List.of(4), false);
        for (int i = 1; i <= 2; i++) {
            GpioEvent event = (GpioEvent) bob.events.poll(20, TimeUnit.SECONDS);
            assertEquals(i, event.sequence());
            assertEquals(Optional.empty(), event.lost());
        }
        next.stop();
        assertEquals(false, info(4).used());
    }

    @Test
    void hasItsLinesAgainWhenTheDriverWasReplaced() throws Exception {
        request(ada, List.of(4, 2), Direction.OUTPUT, List.of(false, false));
        call(bob, GPIO_LINE_WATCH, new LineWatch(CHIP, List.of(5), Optional.empty(), Optional.empty()));
        call(ada, GPIO_PWM_CONFIGURE, pwm(0, Optional.of(20_000_000L), Optional.of(1_500_000L)));
        set(ada, List.of(4, 2), true, true);
        assertEquals(1, ((GpioEvent) bob.events.poll(20, TimeUnit.SECONDS)).sequence());
        UsedChip lines = devices.leaseOf(ada, CHIP).orElseThrow().use(UsedChip.class).orElseThrow();
        UsedChip outputs = devices.leaseOf(ada, "sim-pwm").orElseThrow().use(UsedChip.class).orElseThrow();
        UsedChip watched = devices.leaseOf(bob, CHIP).orElseThrow().use(UsedChip.class).orElseThrow();
        List.of(lines, outputs, watched).forEach(UsedChip::suspend);
        refused(ErrorCode.SERVICE_UNAVAILABLE, "is being replaced", () -> set(ada, List.of(4), false));
        refused(ErrorCode.SERVICE_UNAVAILABLE, "is being replaced",
                () -> call(ada, GPIO_PWM_SET, new PwmDuty("sim-pwm", 0, 2_000_000)));
        for (UsedChip used : List.of(lines, watched, outputs)) {
            assertTrue(used.resume(devices.device(used.id()).orElseThrow()));
        }
        assertEquals(List.of(true), get(bob, 5));
        assertEquals(List.of(true, true), get(ada, 4, 2));
        set(ada, List.of(4), false);
        assertEquals(Edge.FALLING, ((GpioEvent) bob.events.poll(20, TimeUnit.SECONDS)).edge());
        assertEquals(new PwmState(20_000_000, 2_000_000, false, true),
                call(ada, GPIO_PWM_SET, new PwmDuty("sim-pwm", 0, 2_000_000)));
    }

    @Test
    void givesEverythingBackWhenItStops() throws Exception {
        request(ada, List.of(1), Direction.OUTPUT, List.of());
        handler.stop();
        GpioHandler next = new GpioHandler(devices);
        assertEquals(false, info(1).used());
        next.stop();
    }
}
