package org.myclerk.backend.linux.can;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.function.Executable;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.payload.Bytes;
import org.myclerk.device.DeviceException;
import org.myclerk.device.can.CanFrame;
import org.myclerk.device.can.CanFrame.Kind;
import org.myclerk.device.can.CanFrame.Origin;
import org.myclerk.device.can.CanMode;
import org.myclerk.device.can.CanSetup;
import org.myclerk.device.can.CanState;
import org.myclerk.device.can.CanStatus;
import org.myclerk.device.can.CanStatus.Controller;
import org.myclerk.device.can.CanTiming;
import org.myclerk.device.can.OpenCan;

/**
 * Two controllers (SJA1000 on emulated Kvaser cards) on one bus in a QEMU machine: what a virtual interface
 * does not have. The other side is ip and candump. QEMU's bus knows neither bit times nor errors, so that a
 * bus-off is an injected error frame.
 */
@EnabledIfEnvironmentVariable(named = "LAB", matches = "qemu")
@Timeout(value = 900, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class KvaserTest {

    private final LinuxCanInterface can0 = open("can0");
    private final LinuxCanInterface can1 = open("can1");

    private static LinuxCanInterface open(String name) {
        try {
            return new LinuxCanInterface(name, Link.of(name).index());
        } catch (DeviceException e) {
            throw new AssertionError(e);
        }
    }

    private static CanSetup setup(Optional<Boolean> up, Optional<CanTiming> timing,
            Optional<Set<CanMode>> modes, Optional<Integer> restartMillis, boolean restart) {
        return new CanSetup(up, timing, Optional.empty(), modes, restartMillis, restart);
    }

    private static CanSetup bitrate(int bitrate) {
        return setup(Optional.of(true), Optional.of(new CanTiming(bitrate, 0)), Optional.of(Set.of()),
                Optional.of(0),
                false);
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(120, TimeUnit.SECONDS));
        return said;
    }

    private static String ip() throws IOException, InterruptedException {
        return run("ip", "-details", "link", "show", "can0");
    }

    private static DeviceException fails(ErrorCode code, String part, Executable call) {
        DeviceException failure = assertThrows(DeviceException.class, call);
        assertEquals(code, failure.code(), failure.getMessage());
        assertTrue(failure.getMessage().contains(part), failure.getMessage());
        return failure;
    }

    @BeforeEach
    void setUp() throws Exception {
        can0.configure(bitrate(500_000));
        can1.configure(bitrate(500_000));
    }

    @AfterEach
    void takeDown() throws Exception {
        run("ip", "link", "set", "can0", "down");
        run("ip", "link", "set", "can1", "down");
    }

    @Test
    void setsWhatIpShows() throws Exception {
        can0.configure(setup(Optional.empty(), Optional.of(new CanTiming(250_000, 750)),
                Optional.of(Set.of(CanMode.LISTEN_ONLY)), Optional.of(150), false));
        String shown = ip();
        assertTrue(shown.contains("bitrate 250000 sample-point 0.750"), shown);
        assertTrue(shown.contains("LISTEN-ONLY") && shown.contains("restart-ms 150"), shown);
        assertTrue(shown.contains("state ERROR-ACTIVE (berr-counter tx 0 rx 0)"), shown);
        CanStatus status = can0.status();
        Controller controller = status.controller().orElseThrow();
        assertTrue(status.up());
        assertFalse(status.fd());
        assertEquals(new CanTiming(250_000, 750), controller.timing());
        assertEquals(Set.of(CanMode.LISTEN_ONLY), controller.modes());
        assertEquals(150, controller.restartMillis());
        assertEquals(CanState.ERROR_ACTIVE, controller.state());
        assertEquals(0, controller.errors().transmit() + controller.errors().receive());
        can0.configure(setup(Optional.of(false), Optional.empty(), Optional.empty(), Optional.empty(),
                false));
        assertTrue(ip().contains("state STOPPED"));
        assertEquals(CanState.STOPPED, can0.status().controller().orElseThrow().state());
    }

    @Test
    void keepsWhatWasSetWhenAValueIsRefused() throws Exception {
        fails(ErrorCode.BAD_REQUEST, "can0", () -> can0.configure(setup(Optional.empty(),
                Optional.of(new CanTiming(8_000_000, 0)), Optional.empty(), Optional.empty(), false)));
        fails(ErrorCode.BAD_REQUEST, "can0", () -> can0.configure(setup(Optional.empty(), Optional.empty(),
                Optional.of(Set.of(CanMode.FD)), Optional.empty(), false)));
        assertTrue(can0.status().up());
        assertEquals(500_000, can0.status().controller().orElseThrow().timing().bitrate());
        DeviceException sound = assertThrows(DeviceException.class,
                () -> can0.configure(setup(Optional.empty(),
                Optional.empty(), Optional.empty(), Optional.empty(), true)));
        assertTrue(sound.getMessage().contains("restart"), sound.getMessage());
    }

    @Test
    void carriesFramesFromOneControllerToTheOther() throws Exception {
        Process candump = new ProcessBuilder("candump", "-L", "-n", "5", "can1").start();
        try (OpenCan sender = can0.open(false); OpenCan receiver = can1.open(false)) {
            awaitReceivers("can1", 2);
            List<String> got = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                sender.send(List.of(CanFrame.classic(0x100 + i, i % 2 == 1,
                        Bytes.ofHex("%08x".formatted(i)))));
                CanFrame frame = receiver.receive(1, Duration.ofMinutes(2)).frames().getFirst();
                assertEquals(Origin.BUS, frame.origin());
                got.add((frame.extended() ? "%08X#%s" : "%03X#%s")
                        .formatted(frame.id(), frame.data().toHex()));
            }
            String dumped = new String(candump.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(dumped.lines().map(line -> line.split(" ")[2]).toList(), got);
        }
    }

    private static void awaitReceivers(String name, int count) throws Exception {
        while (run("cat", "/proc/net/can/rcvlist_all").lines().filter(line -> line.contains(name + " ")
                && !line.contains("no entry")).count() < count) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
        }
    }

    /**
     * The queue of a controller has 10 places. What went out is told by the kernel to other programs:
     * candump.
     */
    @Test
    void slowsASenderThatIsFasterThanTheController() throws Exception {
        long before = can0.status().traffic().sent();
        Process candump = new ProcessBuilder("candump", "-L", "-r", "4000000", "-n", "2000", "can0").start();
        try (OpenCan sender = can0.open(true)) {
            awaitReceivers("can0", 2);
            List<CanFrame> frames = new ArrayList<>();
            for (int i = 0; i < 2000; i++) {
                frames.add(CanFrame.classic(i % 0x800, false, Bytes.ofHex("%08x".formatted(i))));
            }
            sender.send(frames);
            for (int got = 0; got < 2000;) {
                OpenCan.Received received = sender.receive(64, Duration.ofMinutes(2));
                assertFalse(received.frames().isEmpty(), "only " + got);
                for (CanFrame frame : received.frames()) {
                    assertEquals(Origin.OWN, frame.origin());
                    assertEquals("%08x".formatted(got++), frame.data().toHex());
                }
            }
            String dumped = new String(candump.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(2000, dumped.lines().count());
            assertEquals(2000, can0.status().traffic().sent() - before);
        }
    }

    @Test
    void goesOnWhenItsBitrateIsChangedWhileOpen() throws Exception {
        try (OpenCan sender = can0.open(false); OpenCan receiver = can1.open(false)) {
            can0.configure(bitrate(125_000));
            can1.configure(bitrate(125_000));
            sender.send(List.of(CanFrame.classic(1, false, Bytes.ofHex("01"))));
            assertEquals(1, receiver.receive(1, Duration.ofMinutes(1)).frames().size());
            run("cansend", "can1", "20000040#0000000000000000");
            List<CanFrame> told = receiver.receive(1, Duration.ofMinutes(1)).frames();
            assertEquals(List.of(Kind.ERROR), told.stream().map(CanFrame::kind).toList());
            assertEquals(0x40, told.getFirst().id());
        }
    }
}
