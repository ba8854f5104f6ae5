package org.myclerk.hwlab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.myclerk.op.can.CanOperations.CAN_CONFIGURE;
import static org.myclerk.op.can.CanOperations.CAN_ERROR_STATUS;
import static org.myclerk.op.can.CanOperations.CAN_FILTER_SET;
import static org.myclerk.op.can.CanOperations.CAN_FRAME_RECEIVE;
import static org.myclerk.op.can.CanOperations.CAN_FRAME_SEND;
import static org.myclerk.op.can.CanOperations.CAN_INTERFACE_CLOSE;
import static org.myclerk.op.can.CanOperations.CAN_INTERFACE_LIST;
import static org.myclerk.op.can.CanOperations.CAN_INTERFACE_OPEN;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.myclerk.api.client.Followed;
import org.myclerk.api.client.Peer.CallOptions;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.None;
import org.myclerk.op.can.BusMode;
import org.myclerk.op.can.CanFilter;
import org.myclerk.op.can.CanFrame;
import org.myclerk.op.can.ChannelRef;
import org.myclerk.op.can.FilterSet;
import org.myclerk.op.can.FrameKind;
import org.myclerk.op.can.FrameOrigin;
import org.myclerk.op.can.FrameReceive;
import org.myclerk.op.can.FrameSend;
import org.myclerk.op.can.Frames;
import org.myclerk.op.can.InterfaceInfo;
import org.myclerk.op.can.InterfaceOpen;
import org.myclerk.op.can.InterfaceSettings;
import org.myclerk.op.can.InterfaceSetup;

/**
 * CAN on the kernel's vcan, seen from the other side by ip, candump, cansend, canplayer and /proc/net/can.
 */
@InLaboratory
final class CanLabTest {

    /** How long frames go both ways; the promise is 60 s, and a build takes less of them. */
    private static final int SECONDS = Integer.getInteger("myclerk.lab.seconds", 3);
    private static final int RATE = 4000;
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    @TempDir
    private static Path folder;

    private static LabNode node;

    @BeforeEach
    void make() throws Exception {
        node = LabNode.shared();
        make("vcan0");
    }

    private static void make(String name) throws Exception {
        run("ip link add dev %s type vcan".formatted(name));
        run("ip link set %s mtu 72 up".formatted(name));
        await(name, true);
    }

    @AfterEach
    void remove() throws Exception {
        for (String name : List.of("vcan0", "vcan1")) {
            if (Files.exists(Path.of("/sys/class/net", name))) {
                run("ip link delete " + name);
            }
            await(name, false);
        }
    }

    /** Waits until the node has noticed. */
    private static void await(String name, boolean there) {
        Lab.until("the node notices " + name, () -> isListed(name) == there);
    }

    private static boolean isListed(String name) {
        try {
            return list().stream().anyMatch(info -> info.channel().equals(name));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** Runs a stock tool to its end, which must be a good one. @return what it said */
    private static String run(String command) {
        return Lab.run("bash", "-c", "exec " + command);
    }

    /** Starts a stock tool that goes on meanwhile. */
    private static Program start(String command) {
        return Program.start("bash", "-c", "exec " + command);
    }

    private static <Q, A> A call(Operation<Q, A> operation, Q request) throws Exception {
        return node.peer().call(operation, request);
    }

    private static List<InterfaceInfo> list() throws Exception {
        return call(CAN_INTERFACE_LIST, None.NONE).interfaces();
    }

    private static InterfaceSettings open(String name) throws Exception {
        return call(CAN_INTERFACE_OPEN, new InterfaceOpen(name, Optional.empty()));
    }

    private static Frames receive(int max, int timeoutMs) throws Exception {
        return call(CAN_FRAME_RECEIVE, new FrameReceive("vcan0", Optional.of(max), Optional.of(timeoutMs)));
    }

    /** Waits for so many frames. */
    private static List<CanFrame> receive(int count) {
        List<CanFrame> got = new ArrayList<>();
        Lab.until(() -> "%d frames, came: %s".formatted(count, got), () -> {
            try {
                got.addAll(receive(count - got.size(), 1000).frames());
            } catch (Exception e) {
                throw new AssertionError(e);
            }
            return got.size() >= count;
        });
        return got;
    }

    private static void send(CanFrame... frames) throws Exception {
        call(CAN_FRAME_SEND, new FrameSend("vcan0", List.of(frames)));
    }

    private static CanFrame frame(int id, FrameKind kind, boolean extended, boolean flags,
            Optional<Integer> dlc, String hex) {
        Optional<Boolean> set = flags ? Optional.of(true) : Optional.empty();
        return new CanFrame(id, Optional.of(kind), Optional.of(extended), set, set, dlc, Bytes.ofHex(hex),
                Optional.empty(), Optional.empty());
    }

    private static InterfaceSetup setup(Optional<Boolean> up, Optional<Integer> bitrate,
            Optional<List<BusMode>> modes) {
        return new InterfaceSetup("vcan0", up, bitrate, Optional.empty(), Optional.empty(), Optional.empty(),
                modes, Optional.empty(), Optional.empty());
    }

    /** The sockets that the kernel knows to receive from an interface, in one of its lists. */
    private static String receivers(String list, String name) {
        return Lab.read(Path.of("/proc/net/can/rcvlist_" + list)).lines()
                .filter(line -> line.contains(name + " ") && !line.contains("no entry"))
                .collect(Collectors.joining("\n"));
    }

    /** The frames in a log of candump, without times. */
    private static List<String> frames(String log) {
        return log.lines().filter(line -> line.startsWith("(")).map(line -> line.split(" ")[2]).toList();
    }

    @Test
    void tellsWhatIpTells() throws Exception {
        InterfaceInfo info = list().stream().filter(it -> it.channel().equals("vcan0")).findFirst()
                .orElseThrow();
        assertTrue(info.virtual());
        assertFalse(info.simulated());
        assertTrue(info.settings().orElseThrow().up() && info.settings().orElseThrow().fd());
        run("ip link set vcan0 down");
        run("ip link set vcan0 mtu 16");
        info = list().stream().filter(it -> it.channel().equals("vcan0")).findFirst().orElseThrow();
        assertFalse(info.settings().orElseThrow().up() || info.settings().orElseThrow().fd());
    }

    @Test
    void setsWhatIpShows() throws Exception {
        assertFalse(call(CAN_CONFIGURE, setup(Optional.empty(), Optional.empty(), Optional.of(List.of())))
                .fd());
        assertTrue(run("ip link show vcan0").contains("mtu 16"));
        call(CAN_CONFIGURE, setup(Optional.empty(), Optional.empty(), Optional.of(List.of(BusMode.FD))));
        assertTrue(run("ip link show vcan0").contains("mtu 72"));
        call(CAN_CONFIGURE, setup(Optional.of(false), Optional.empty(), Optional.empty()));
        assertFalse(run("ip link show vcan0").contains(",UP"));
        Lab.refused(ErrorCode.SERVICE_UNAVAILABLE, "Network is down (ENETDOWN)", () -> open("vcan0"));
        call(CAN_CONFIGURE, setup(Optional.empty(), Optional.empty(), Optional.empty()));
        assertTrue(run("ip link show vcan0").contains(",UP"));
        Lab.refused(ErrorCode.BAD_REQUEST, "virtual", () -> call(CAN_CONFIGURE, setup(Optional.empty(),
                Optional.of(500_000), Optional.empty())));
    }

    @Test
    void sendsWhatCandumpSees() throws Exception {
        open("vcan0");
        Program candump = start("candump -L -n 6 vcan0");
        awaitReceiver("vcan0", 2);
        send(CanFrame.classic(0x123, false, Bytes.ofHex("deadbeef")),
                CanFrame.classic(0x12345678, true, Bytes.EMPTY),
                frame(0x7FF, FrameKind.REMOTE, false, false, Optional.of(4), ""),
                frame(0x18FF1234, FrameKind.FD, true, true, Optional.empty(), "00112233445566778899aabb"),
                frame(0x5, FrameKind.FD, false, false, Optional.empty(), "ff".repeat(64)),
                frame(0x6, FrameKind.CLASSIC, false, false, Optional.of(11), "0102030405060708"));
        assertEquals(List.of("123#DEADBEEF", "12345678#", "7FF#R4", "18FF1234##700112233445566778899AABB",
                "005##4" + "FF".repeat(64), "006#0102030405060708"), frames(candump.succeed()));
        Lab.refused(ErrorCode.BAD_REQUEST, "8 of a classic frame", () -> send(CanFrame.classic(1, false,
                Bytes.ofHex("00".repeat(9)))));
        call(CAN_CONFIGURE, setup(Optional.empty(), Optional.empty(), Optional.of(List.of())));
        Lab.refused(ErrorCode.BAD_REQUEST, "configure mode fd",
                () -> send(frame(5, FrameKind.FD, false, false, Optional.empty(), "00")));
        send(CanFrame.classic(1, false, Bytes.EMPTY));
    }

    /** Waits until that many sockets receive all frames of an interface. */
    private static void awaitReceiver(String name, int count) {
        Lab.until("%d listen to %s".formatted(count, name), () -> receivers("all", name).lines()
                .count() >= count);
    }

    @Test
    void receivesWhatCansendSends() throws Exception {
        open("vcan0");
        long before = System.currentTimeMillis() * 1_000_000;
        for (String frame : List.of("123#DEADBEEF", "12345678#R3", "00000123##1001122334455667788990011")) {
            run("cansend vcan0 " + frame);
        }
        List<CanFrame> got = receive(3);
        long after = System.currentTimeMillis() * 1_000_000;
        assertEquals(List.of(0x123, 0x12345678, 0x123), got.stream().map(CanFrame::id).toList());
        assertEquals(Bytes.ofHex("deadbeef"), got.get(0).data());
        assertEquals(Optional.of(FrameKind.REMOTE), got.get(1).kind());
        assertEquals(Optional.of(3), got.get(1).dlc());
        assertEquals(Optional.of(FrameKind.FD), got.get(2).kind());
        assertEquals(List.of(Optional.of(true), Optional.of(true), Optional.empty()),
                List.of(got.get(2).extended(),
                got.get(2).bitRateSwitch(), got.get(2).errorState()));
        assertEquals(Bytes.ofHex("001122334455667788990011"), got.get(2).data());
        for (CanFrame frame : got) {
            assertEquals(Optional.of(FrameOrigin.MACHINE), frame.origin());
            long time = frame.time().orElseThrow();
            assertTrue(before - 1_000_000 <= time && time <= after + 1_000_000, "the kernel's time: " + time);
        }
    }

    @Test
    void hasTheKernelFilter() throws Exception {
        open("vcan0");
        call(CAN_FILTER_SET, new FilterSet("vcan0", List.of(new CanFilter(0x100, 0x700, Optional.of(false),
                Optional.empty(), Optional.empty()), new CanFilter(0x200, 0x700, Optional.empty(),
                Optional.empty(),
                Optional.of(true))), Optional.of(true)));
        assertTrue(receivers("fil", "vcan0").contains("80000700"),
                "a filter of 11-bit identifiers in the kernel");
        assertFalse(receivers("inv", "vcan0").isEmpty(), "an inverted filter in the kernel");
        for (String frame : List.of("00000123#01", "223#02", "123#03")) {
            run("cansend vcan0 " + frame);
        }
        assertEquals(Bytes.ofHex("03"), receive(10, 20_000).frames().getFirst().data());
        call(CAN_FILTER_SET, new FilterSet("vcan0", List.of(), Optional.empty()));
        assertEquals(1, receivers("all", "vcan0").lines().count());
    }

    /** A vcan never goes bus-off: the error frame is injected, as a controller's driver would deliver it. */
    @Test
    void tellsAnInjectedBusOff() throws Exception {
        open("vcan0");
        run("cansend vcan0 20000040#0000000000000000");
        run("cansend vcan0 20000100#0000000000000000");
        List<CanFrame> told = receive(2);
        assertTrue(told.stream().allMatch(frame -> frame.kind().equals(Optional.of(FrameKind.ERROR))));
        assertEquals(List.of(0x40, 0x100), told.stream().map(CanFrame::id).toList());
        assertEquals(Optional.empty(), call(CAN_ERROR_STATUS, new ChannelRef("vcan0")).state(),
                "it has no controller");
    }

    @Test
    void countsWhatTheKernelCounts() throws Exception {
        open("vcan0");
        send(CanFrame.classic(1, false, Bytes.EMPTY), CanFrame.classic(2, false, Bytes.EMPTY));
        long sent = Long.parseLong(Files.readString(Path.of("/sys/class/net/vcan0/statistics/tx_packets"))
                .strip());
        assertEquals(sent, call(CAN_ERROR_STATUS, new ChannelRef("vcan0")).sent());
        assertEquals(2, sent);
    }

    @Test
    void endsWhenTheInterfaceGoesDownAndGoesOnWhenItIsBack() throws Exception {
        open("vcan0");
        try (Followed<Frames> following = node.peer().follow(CAN_FRAME_RECEIVE, new FrameReceive("vcan0",
                Optional.empty(), Optional.empty()), 8, CallOptions.USUAL)) {
            awaitReceiver("vcan0", 1);
            run("ip link set vcan0 down");
            Lab.refused(ErrorCode.SERVICE_UNAVAILABLE, "Network is down (ENETDOWN)", following::next);
        }
        assertEquals("", receivers("all", "vcan0"), "nothing stays open");
        Lab.refused(ErrorCode.BAD_REQUEST, "not open", () -> send(CanFrame.classic(1, false, Bytes.EMPTY)));
        run("ip link set vcan0 up");
        open("vcan0");
        send(CanFrame.classic(1, false, Bytes.EMPTY));
    }

    @Test
    void tellsAnInterfaceThatIsRemovedInUse() throws Exception {
        open("vcan0");
        try (Followed<Frames> following = node.peer().follow(CAN_FRAME_RECEIVE, new FrameReceive("vcan0",
                Optional.empty(), Optional.empty()), 8, CallOptions.USUAL)) {
            awaitReceiver("vcan0", 1);
            run("ip link delete vcan0");
            Lab.refused(ErrorCode.NOT_FOUND, "vcan0", following::next);
        }
        await("vcan0", false);
        Lab.refused(ErrorCode.NOT_FOUND, "vcan0", () -> open("vcan0"));
    }

    @Test
    void closesWhatItOpened() throws Exception {
        open("vcan0");
        assertEquals(1, receivers("all", "vcan0").lines().count());
        call(CAN_INTERFACE_CLOSE, new ChannelRef("vcan0"));
        assertEquals("", receivers("all", "vcan0") + receivers("err", "vcan0"));
    }

    /** canplayer sends one way and candump receives the other, at 4,000 frames a second each. */
    @Test
    void losesNothingAtFourThousandFramesASecondBothWays() throws Exception {
        make("vcan1");
        int count = RATE * SECONDS;
        StringBuilder log = new StringBuilder();
        List<String> played = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long micros = i * 1_000_000L / RATE;
            String frame = "%03X#%016X".formatted(i % 0x800, i);
            played.add(frame);
            log.append("(%010d.%06d) vcan0 %s\n".formatted(1_700_000_000 + micros / 1_000_000,
                    micros % 1_000_000, frame));
        }
        Path file = Files.writeString(folder.resolve("play.log"), log);
        open("vcan0");
        open("vcan1");
        Program candump = start("candump -L -d -r 8000000 -n %d vcan1".formatted(count));
        awaitReceiver("vcan1", 2);
        long begin = System.nanoTime();
        Thread sender = Thread.ofPlatform().start(() -> sendAll(count, begin));
        Program canplayer = start("canplayer -I " + file);
        List<String> got = new ArrayList<>();
        long lost = follow(count, frame -> got.add("%03X#%s".formatted(frame.id(),
                frame.data().toHex().toUpperCase(Locale.ROOT))));
        long received = System.nanoTime();
        assertTrue(sender.join(PATIENCE), "all frames are sent");
        long sent = System.nanoTime();
        assertEquals("", canplayer.succeed());
        System.out.println("CAN: %d frames up in %.1f s, %d down in %.1f s, %d lost".formatted(got.size(),
                (received - begin) / 1e9, count, (sent - begin) / 1e9, lost));
        assertEquals(0, lost);
        assertEquals(played, got);
        assertEquals(played, frames(candump.succeed()));
    }

    private static void sendAll(int count, long begin) {
        try {
            for (int done = 0; done < count;) {
                int due = (int) Math.min(count, (System.nanoTime() - begin) * RATE / 1_000_000_000L);
                List<CanFrame> frames = new ArrayList<>();
                for (; done < due && frames.size() < 500; done++) {
                    frames.add(CanFrame.classic(done % 0x800, false, Bytes.ofHex("%016x".formatted(done))));
                }
                if (frames.isEmpty()) {
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
                } else {
                    node.peer().call(CAN_FRAME_SEND, new FrameSend("vcan1", frames));
                }
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * At 1 Mbit/s a frame of no data takes 47 bits and more, so that 9,000 a second are a full bus of small
     * ones.
     */
    @Test
    void followsAFullBusOfSmallFrames() throws Exception {
        int rate = 9000;
        int count = rate * Math.min(SECONDS, 2);
        StringBuilder log = new StringBuilder();
        for (int i = 0; i < count; i++) {
            long micros = i * 1_000_000L / rate;
            log.append("(%010d.%06d) vcan0 %03X#%02X\n".formatted(1_700_000_000 + micros / 1_000_000,
                    micros % 1_000_000, i % 0x800, i & 0xFF));
        }
        Path file = Files.writeString(folder.resolve("full.log"), log);
        open("vcan0");
        long begin = System.nanoTime();
        Program canplayer = start("canplayer -I " + file);
        List<Integer> got = new ArrayList<>();
        long lost = follow(count, frame -> got.add(frame.id()));
        System.out.println("CAN: %d small frames in %.1f s, %d lost".formatted(got.size(),
                (System.nanoTime() - begin) / 1e9, lost));
        assertEquals("", canplayer.succeed());
        assertEquals(0, lost);
        assertEquals(IntStream.range(0, count).map(i -> i % 0x800).boxed().toList(), got);
    }

    /**
     * Follows vcan0 until that many frames have come or are told as lost.
     *
     * @return how many were lost
     */
    private static long follow(int count, Consumer<CanFrame> each) {
        AtomicLong got = new AtomicLong();
        AtomicLong lost = new AtomicLong();
        assertTimeoutPreemptively(PATIENCE.plusSeconds(SECONDS), () -> {
            try (Followed<Frames> following = node.peer().follow(CAN_FRAME_RECEIVE, new FrameReceive("vcan0",
                    Optional.of(500), Optional.empty()), 16, CallOptions.USUAL)) {
                while (got.get() + lost.get() < count) {
                    Frames frames = following.next();
                    lost.addAndGet(frames.lost().orElse(0L));
                    frames.frames().forEach(each);
                    got.addAndGet(frames.frames().size());
                }
            }
        }, () -> "of %d frames %d came and %d are told as lost".formatted(count, got.get(), lost.get()));
        return lost.get();
    }

    /** What nobody reads is dropped by the kernel, which counts; the count comes with what follows. */
    @Test
    void tellsHowManyFramesTheKernelDropped() throws Exception {
        open("vcan0");
        int count = 60_000;
        run("cangen vcan0 -g 0 -I 1 -L 8 -D 0102030405060708 -n %d -p 100".formatted(count));
        long got = 0;
        long lost = 0;
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (got + lost < count) {
            assertTrue(System.nanoTime() < end,
                    "of %d frames %d came and %d are told as lost".formatted(count, got,
                    lost));
            Frames frames = receive(1000, 1000);
            got += frames.frames().size();
            lost += frames.lost().orElse(0L);
            if (frames.frames().isEmpty()) {
                run("cansend vcan0 002#");
                count++;
            }
        }
        assertTrue(lost > 0, "the test wants more than the kernel keeps");
        assertEquals(count, got + lost);
    }

    @Test
    void showsLogsAndReplaysAsCanUtilsDo() throws Exception {
        List<String> sent = List.of("123#41422A00", "5AA#", "00000123#", "1F334455#1122334455667788",
                "005#R4", "005#R",
                "213##311", "01234567##1000102030405060708090A0B", "20000040#0000000000000000",
                "2000004E#0524040A00006080", "2000018C#0001000000000000");
        Program theirs = start("candump -x -a -e -n 11 vcan0,0:0,#FFFFFFFF");
        Program theirLog = start("candump -L -n 11 vcan0,0:0,#FFFFFFFF");
        Program ours = node.start(folder, "can", "self", "vcan0", "-x", "-a", "-e", "-n", "11");
        Program ourLog = node.start(folder, "can", "self", "vcan0,#FFFFFFFF", "-L", "-n", "11");
        awaitReceiver("vcan0", 4);
        for (String frame : sent) {
            run("cansend vcan0 " + frame);
        }
        assertEquals(theirs.succeed(), ours.succeed());
        String log = ourLog.succeed();
        assertEquals(theirLog.succeed(), log);

        Path file = Files.writeString(folder.resolve("ours.log"), log);
        String asc = run("log2asc -I %s vcan0".formatted(file));
        assertEquals(11, asc.lines().filter(line -> line.matches(" +\\d+\\.\\d+ .*")).count(), asc);
        Program again = start("candump -L -n 8 vcan0");
        awaitReceiver("vcan0", 1);
        run("canplayer -I " + file);
        List<String> frames = frames(log).subList(0, 8);
        assertEquals(frames, frames(again.succeed()));
        Program third = start("candump -L -n 8 vcan0");
        awaitReceiver("vcan0", 1);
        String said = node.start(folder, "can", "self", "vcan0", "--replay", file.toString(), "--at-once")
                .succeed();
        assertEquals("myclerk: 8 frames sent\n", said);
        assertEquals(frames, frames(third.succeed()));
    }

    @Test
    void givesARemoteInterfaceToLocalProgramsAsAVcan() throws Exception {
        Program bridge = node.start(folder, "can", "self", "vcan0", "--vcan", "vcan1");
        bridge.awaitSaying("vcan1 is vcan0 of " + node.peer().name());
        awaitReceiver("vcan0", 1);
        Program far = start("candump -L -n 2 vcan0");
        Program near = start("candump -L -n 2 vcan1");
        awaitReceiver("vcan0", 2);
        awaitReceiver("vcan1", 2);
        run("cansend vcan1 123#DEADBEEF");
        run("cansend vcan1 12345678##5001122334455667788990011");
        assertEquals(List.of("123#DEADBEEF", "12345678##5001122334455667788990011"), frames(far.succeed()));
        run("cansend vcan0 321#R2");
        run("cansend vcan0 7FF#0102");
        assertTrue(frames(near.succeed()).size() == 2);
        bridge.stop();
        assertFalse(Files.exists(Path.of("/sys/class/net/vcan1")), "it is gone with its program");
    }
}
