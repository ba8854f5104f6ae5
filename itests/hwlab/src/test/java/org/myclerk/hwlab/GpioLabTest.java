package org.myclerk.hwlab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.myclerk.op.gpio.GpioOperations.GPIO_CHIP_LIST;
import static org.myclerk.op.gpio.GpioOperations.GPIO_EVENT;
import static org.myclerk.op.gpio.GpioOperations.GPIO_LINE_GET;
import static org.myclerk.op.gpio.GpioOperations.GPIO_LINE_INFO;
import static org.myclerk.op.gpio.GpioOperations.GPIO_LINE_RELEASE;
import static org.myclerk.op.gpio.GpioOperations.GPIO_LINE_REQUEST;
import static org.myclerk.op.gpio.GpioOperations.GPIO_LINE_SET;
import static org.myclerk.op.gpio.GpioOperations.GPIO_LINE_WATCH;
import static org.myclerk.op.gpio.GpioOperations.GPIO_PWM_CONFIGURE;
import static org.myclerk.op.gpio.GpioOperations.GPIO_PWM_SET;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.myclerk.api.client.Client;
import org.myclerk.api.client.Peer;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.payload.None;
import org.myclerk.op.gpio.Bias;
import org.myclerk.op.gpio.ChipInfo;
import org.myclerk.op.gpio.Clock;
import org.myclerk.op.gpio.Direction;
import org.myclerk.op.gpio.Drive;
import org.myclerk.op.gpio.Edge;
import org.myclerk.op.gpio.GpioEvent;
import org.myclerk.op.gpio.LineGet;
import org.myclerk.op.gpio.LineInfo;
import org.myclerk.op.gpio.LineQuery;
import org.myclerk.op.gpio.LineRelease;
import org.myclerk.op.gpio.LineRequest;
import org.myclerk.op.gpio.LineSet;
import org.myclerk.op.gpio.LineWatch;
import org.myclerk.op.gpio.PwmDuty;
import org.myclerk.op.gpio.PwmSetup;
import org.myclerk.op.gpio.PwmState;

/** GPIO on gpio-sim and PWM on a chip of our own, looked at with libgpiod's tools, sysfs and debugfs. */
@InLaboratory
final class GpioLabTest {

    private static final Path TRACE = Path.of("/sys/kernel/debug/tracing");
    private static final Path PWM_STATE = Path.of("/sys/kernel/debug/pwm");

    private Peer node;
    private Lab.Chip chip;

    @BeforeEach
    void plugIn() throws Exception {
        node = LabNode.shared().peer();
        chip = Lab.chip("lab-bank");
        Lab.until("the node sees the chip", () -> find(chip.name()).isPresent());
    }

    @AfterEach
    void unplug() {
        chip.close();
        Lab.until("the node misses the chip", () -> find(chip.name()).isEmpty());
    }

    private Optional<ChipInfo> find(String id) {
        try {
            return node.call(GPIO_CHIP_LIST, None.NONE).chips().stream().filter(it -> it.chip().equals(id))
                    .findFirst();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private LineRequest lines(Direction direction, Integer... lines) {
        return new LineRequest(chip.name(), List.of(lines), Optional.of(direction), Optional.empty(),
                Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(),
                Optional.empty());
    }

    private void set(List<Integer> lines, Boolean... values) throws Exception {
        node.call(GPIO_LINE_SET, new LineSet(chip.name(), lines, List.of(values)));
    }

    private List<Boolean> get(Integer... lines) throws Exception {
        return node.call(GPIO_LINE_GET, new LineGet(chip.name(), List.of(lines))).values();
    }

    private LineInfo info(int line) throws Exception {
        return node.call(GPIO_LINE_INFO, new LineQuery(chip.name(), Optional.of(line))).lines().getFirst();
    }

    @Test
    void tellsOfChipsAndLinesWhatGpioinfoTells() throws Exception {
        ChipInfo told = find(chip.name()).orElseThrow();
        assertEquals(8, told.lines());
        assertEquals("lab-bank", told.label());
        String detected = Lab.run("gpiodetect");
        assertTrue(detected.contains("%s [lab-bank] (8 lines)".formatted(chip.name())), detected);
        assertEquals(new LineInfo(3, Optional.of("door"), Optional.empty(), false, Direction.INPUT, false,
                Bias.AS_IS, Drive.PUSH_PULL, Edge.NONE, 0), info(3));
    }

    @Test
    void setsUpLinesAsGpioinfoShowsThem() throws Exception {
        node.call(GPIO_LINE_REQUEST, new LineRequest(chip.name(), List.of(3), Optional.of(Direction.OUTPUT),
                Optional.of(true), Optional.empty(), Optional.of(Drive.OPEN_DRAIN), Optional.empty(),
                Optional.of(List.of(true)), Optional.empty(), Optional.of("bell")));
        String shown = gpioinfo(3);
        assertTrue(
                shown.matches(".*line +3: +\"door\" +\"bell\" +output +active-low +\\[used open-drain\\].*"),
                shown);
        assertEquals("0", chip.level(3), "active is low");
        node.call(GPIO_LINE_REQUEST, new LineRequest(chip.name(), List.of(4), Optional.of(Direction.INPUT),
                Optional.empty(), Optional.of(Bias.PULL_UP), Optional.empty(), Optional.of(500),
                Optional.empty(),
                Optional.empty(), Optional.empty()));
        shown = gpioinfo(4);
        assertTrue(
                shown.matches(".*line +4: +unnamed +\"myclerk.*\" +input +active-high +\\[used pull-up\\].*"),
                shown);
        assertEquals(500, info(4).debounceMicros());
        assertEquals(List.of(true), get(4));
        node.call(GPIO_LINE_RELEASE, new LineRelease(chip.name(), Optional.empty()));
        assertTrue(gpioinfo(3).matches(".*line +3: +\"door\" +unused .*"), gpioinfo(3));
    }

    private String gpioinfo(int line) {
        return Lab.run("gpioinfo", chip.name()).lines().filter(it ->
                it.matches("\\s*line\\s+" + line + ":.*"))
                .findFirst().orElseThrow();
    }

    @Test
    void setsAndGetsSeveralLinesSeenFromOutside() throws Exception {
        node.call(GPIO_LINE_REQUEST, lines(Direction.OUTPUT, 1, 5, 2));
        set(List.of(5, 1), true, true);
        assertEquals("1 0 1", chip.level(1) + " " + chip.level(2) + " " + chip.level(5));
        set(List.of(1, 2, 5), false, true, false);
        assertEquals("0 1 0", chip.level(1) + " " + chip.level(2) + " " + chip.level(5));
        chip.pull(6, true);
        assertEquals(List.of(true, false, true), get(6, 5, 2));
        assertEquals("1", Lab.run("gpioget", chip.name(), "6").strip());
    }

    @Test
    void namesTheProgramThatHasALine() throws Exception {
        try (Program other = Program.start("gpioset", "--mode=signal", chip.name(), "1=1")) {
            Lab.until("gpioset has the line", () -> gpioinfo(1).contains("gpioset"));
            Lab.refused(ErrorCode.SERVICE_UNAVAILABLE,
                    "line 1 is held by \"gpioset\": Device or resource busy",
                    () -> node.call(GPIO_LINE_REQUEST, lines(Direction.OUTPUT, 0, 1)));
            assertEquals(Optional.of("gpioset"), info(1).consumer());
            other.stop();
        }
        node.call(GPIO_LINE_REQUEST, lines(Direction.OUTPUT, 0, 1));
        Program.Ended refused = Lab.tryToRun("gpioset", chip.name(), "1=0");
        assertTrue(refused.output().contains("Device or resource busy"), refused.output());
    }

    @Test
    void setsOutputsToTheirSafeStateSomeTimeAfterTheSessionEnds() throws Exception {
        try (Client client = LabNode.shared().another()) {
            client.own().call(GPIO_LINE_REQUEST, new LineRequest(chip.name(), List.of(1, 2),
                    Optional.of(Direction.OUTPUT), Optional.empty(), Optional.empty(), Optional.empty(),
                    Optional.empty(), Optional.of(List.of(true, false)), Optional.of(List.of(false, true)),
                    Optional.empty()));
            assertEquals("1 0", chip.level(1) + " " + chip.level(2));
            Lab.write(TRACE.resolve("events/gpio/gpio_value/enable"), "1");
            Lab.write(TRACE.resolve("trace"), "");
        }
        assertTrue(gpioinfo(2).contains("[used"), "the grace time");
        Lab.until("the lines are given back", () -> !gpioinfo(2).contains("[used"));
        // What a simulated line falls back to afterwards is its pull: the kernel's trace tells what was set
        // before.
        List<String> set = Lab.read(TRACE.resolve("trace")).lines().filter(line -> line.contains(" set "))
                .map(line -> line.replaceAll(".* set ", "")).toList();
        assertEquals(List.of("0", "1"), set, "line 1, then line 2");
    }

    @Test
    void tellsEdgesWithTheKernelsNumbers() throws Exception {
        BlockingQueue<GpioEvent> events = new LinkedBlockingQueue<>();
        try (var _ = node.onEvent(GPIO_EVENT, event -> events.add(event.value()))) {
            node.call(GPIO_LINE_WATCH, new LineWatch(chip.name(), List.of(3, 4), Optional.empty(),
                    Optional.of(Clock.REALTIME)));
            long before = System.currentTimeMillis() * 1_000_000 - 1_000_000_000;
            // One by one: the kernel tells the direction by the level it finds when its thread comes to the
            // edge.
            chip.pull(3, true);
            GpioEvent first = events.poll(120, TimeUnit.SECONDS);
            assertEquals(new GpioEvent(chip.name(), 3, Edge.RISING, first.timestampNanos(), 1, 1,
                    Optional.empty()),
                    first);
            assertTrue(first.timestampNanos() > before && first.timestampNanos() < before + 60_000_000_000L);
            chip.pull(4, true);
            GpioEvent second = events.poll(120, TimeUnit.SECONDS);
            assertEquals(new GpioEvent(chip.name(), 4, Edge.RISING, second.timestampNanos(), 2, 1,
                    Optional.empty()),
                    second);
            chip.pull(3, false);
            GpioEvent third = events.poll(120, TimeUnit.SECONDS);
            assertEquals(new GpioEvent(chip.name(), 3, Edge.FALLING, third.timestampNanos(), 3, 2,
                    Optional.empty()),
                    third);
            assertTrue(first.timestampNanos() <= second.timestampNanos()
                    && second.timestampNanos() <= third.timestampNanos());
        }
    }

    @Test
    void survivesAChipThatIsTakenOutInUse() throws Exception {
        long before = LabNode.shared().openFiles();
        node.call(GPIO_LINE_REQUEST, lines(Direction.OUTPUT, 1));
        node.call(GPIO_LINE_WATCH, new LineWatch(chip.name(), List.of(3), Optional.empty(),
                Optional.empty()));
        chip.close();
        Lab.refused(ErrorCode.NOT_FOUND, "", () -> set(List.of(1), true));
        Lab.until("the node misses the chip", () -> find(chip.name()).isEmpty());
        Lab.refused(ErrorCode.NOT_FOUND, "no device \"" + chip.name() + "\" is here",
                () -> set(List.of(1), true));
        LabNode shared = LabNode.shared();
        Lab.until("nothing stays open", () -> shared.openFiles() <= before);
    }

    @Test
    void runsAPwmChannelAsDebugfsShowsIt() throws Exception {
        Lab.load("lab_pwm");
        Lab.until("the node sees the PWM chip", () -> find("pwmchip0").isPresent());
        assertEquals(4, find("pwmchip0").orElseThrow().channels());
        assertEquals(new PwmState(20_000_000, 1_500_000, false, true), node.call(GPIO_PWM_CONFIGURE,
                new PwmSetup("pwmchip0", 2, Optional.of(20_000_000L), Optional.of(1_500_000L),
                Optional.empty(),
                        Optional.empty())));
        String state = "pwm-2 (sysfs ): requested enabled period: 20000000 ns duty: %d ns polarity: %s";
        assertEquals(state.formatted(1_500_000, "normal"), pwm());
        node.call(GPIO_PWM_SET, new PwmDuty("pwmchip0", 2, 19_000_000));
        assertEquals(state.formatted(19_000_000, "normal"), pwm());
        node.call(GPIO_PWM_CONFIGURE, new PwmSetup("pwmchip0", 2, Optional.of(10_000_000L), Optional.of(1L),
                Optional.of(true), Optional.empty()));
        assertEquals("pwm-2 (sysfs ): requested enabled period: 10000000 ns duty: 1 ns polarity: inverse",
                pwm());
        Lab.refused(ErrorCode.BAD_REQUEST, "Invalid argument", () -> node.call(GPIO_PWM_CONFIGURE,
                new PwmSetup("pwmchip0", 2, Optional.of(2_000_000_000L), Optional.empty(), Optional.empty(),
                        Optional.empty())));
        Lab.write(Path.of("/sys/class/pwm/pwmchip0/export"), "0");
        Lab.refused(ErrorCode.SERVICE_UNAVAILABLE, "channel 0 of pwmchip0 is in use", () -> node.call(
                GPIO_PWM_CONFIGURE, new PwmSetup("pwmchip0", 0, Optional.of(1000L), Optional.empty(),
                        Optional.empty(), Optional.empty())));
        Lab.write(Path.of("/sys/class/pwm/pwmchip0/unexport"), "0");
        node.call(GPIO_LINE_RELEASE, new LineRelease("pwmchip0", Optional.of(List.of(2))));
        assertTrue(Files.notExists(Path.of("/sys/class/pwm/pwmchip0/pwm2")));
    }

    private static String pwm() {
        return Lab.read(PWM_STATE).lines().filter(line -> line.contains("pwm-2")).findFirst().orElseThrow()
                .strip()
                .replaceAll("\\s+", " ");
    }
}
