package org.myclerk.op.can.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.myclerk.op.can.CanOperations.CAN_CONFIGURE;
import static org.myclerk.op.can.CanOperations.CAN_ERROR_STATUS;
import static org.myclerk.op.can.CanOperations.CAN_FILTER_SET;
import static org.myclerk.op.can.CanOperations.CAN_FRAME_RECEIVE;
import static org.myclerk.op.can.CanOperations.CAN_FRAME_SEND;
import static org.myclerk.op.can.CanOperations.CAN_INTERFACE_CLOSE;
import static org.myclerk.op.can.CanOperations.CAN_INTERFACE_LIST;
import static org.myclerk.op.can.CanOperations.CAN_INTERFACE_OPEN;
import static org.myclerk.testing.TestCalls.refused;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.myclerk.api.operation.Answers;
import org.myclerk.api.operation.Bindings;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Done;
import org.myclerk.api.payload.None;
import org.myclerk.backend.sim.SimulatedZoo;
import org.myclerk.devices.DeviceRegistry;
import org.myclerk.op.can.BusMode;
import org.myclerk.op.can.BusState;
import org.myclerk.op.can.CanFilter;
import org.myclerk.op.can.CanFrame;
import org.myclerk.op.can.ChannelRef;
import org.myclerk.op.can.ErrorStatus;
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
import org.myclerk.op.can.Sent;
import org.myclerk.testing.TestAnswers;
import org.myclerk.testing.TestCaller;
import org.myclerk.testing.TestCalls;

@Timeout(60)
final class CanHandlerTest {

    private static final String CAN = "sim-can";
    private static final Instant NOON = Instant.parse("2026-11-26T12:00:00.123456789Z");

    /** The engine sends nothing by itself within an hour. */
    private final SimulatedZoo zoo = new SimulatedZoo(InstantSource.fixed(NOON), Duration.ofHours(60));
    private final DeviceRegistry devices = new DeviceRegistry(Duration.ofSeconds(30));
    private final CanHandler handler = new CanHandler(devices);
    private final Bindings bindings = handler.bindings();
    private final TestCaller ada = new TestCaller("ada", 1);
    private final TestCaller bob = new TestCaller("bob", 2);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    @BeforeEach
    void plugIn() {
        devices.addSource(zoo);
    }

    @AfterEach
    void stop() {
        handler.stop();
        devices.stop();
        threads.close();
    }

    private <Q, A> A call(Caller caller, Operation<Q, A> row, Q request)
            throws Refused, InterruptedException {
        return TestCalls.call(bindings, caller, row, request);
    }

    private <Q, A> A call(Caller caller, Operation<Q, A> row, Q request, Answers<A> answers)
            throws Refused, InterruptedException {
        return TestCalls.call(bindings, caller, row, request, answers);
    }

    private InterfaceSettings open(Caller caller) throws Refused, InterruptedException {
        return call(caller, CAN_INTERFACE_OPEN, new InterfaceOpen(CAN, Optional.empty()));
    }

    private static InterfaceSetup bitrate(int bitrate) {
        return new InterfaceSetup(CAN, Optional.empty(), Optional.of(bitrate), Optional.empty(),
                Optional.empty(),
                Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    private static InterfaceSetup modes(BusMode... modes) {
        return new InterfaceSetup(CAN, Optional.empty(), Optional.empty(), Optional.empty(),
                Optional.of(2_000_000),
                Optional.empty(), Optional.of(List.of(modes)), Optional.empty(), Optional.empty());
    }

    private static InterfaceSetup up(boolean up) {
        return new InterfaceSetup(CAN, Optional.of(up), Optional.empty(), Optional.empty(), Optional.empty(),
                Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    private static CanFrame frame(int id, String hex) {
        return CanFrame.classic(id, id > 0x7FF, Bytes.ofHex(hex));
    }

    private static CanFrame frame(int id, FrameKind kind, Optional<Integer> dlc, int length) {
        return new CanFrame(id, Optional.of(kind), Optional.empty(), Optional.empty(), Optional.empty(), dlc,
                Bytes.wrap(new byte[length]), Optional.empty(), Optional.empty());
    }

    private Sent send(Caller caller, CanFrame... frames) throws Refused, InterruptedException {
        return call(caller, CAN_FRAME_SEND, new FrameSend(CAN, List.of(frames)));
    }

    private Frames receive(Caller caller, int max) throws Refused, InterruptedException {
        return call(caller, CAN_FRAME_RECEIVE, new FrameReceive(CAN, Optional.of(max), Optional.of(20_000)));
    }

    private List<CanFrame> receiveAll(Caller caller, int count) throws Refused, InterruptedException {
        List<CanFrame> all = new ArrayList<>();
        while (all.size() < count) {
            Frames frames = receive(caller, count - all.size());
            assertFalse(frames.frames().isEmpty(), "only " + all.size() + " came");
            all.addAll(frames.frames());
        }
        return all;
    }

    private ErrorStatus errors(Caller caller) throws Refused, InterruptedException {
        return call(caller, CAN_ERROR_STATUS, new ChannelRef(CAN));
    }

    private static CanFilter filter(int id, int mask, boolean inverted) {
        return new CanFilter(id, mask, Optional.empty(), Optional.empty(), Optional.of(inverted));
    }

    @Test
    void listsInterfacesWithStateAndHolders() throws Exception {
        open(ada);
        open(bob);
        List<InterfaceInfo> found = call(ada, CAN_INTERFACE_LIST, None.NONE).interfaces();
        assertEquals(1, found.size());
        InterfaceInfo can = found.getFirst();
        assertEquals(CAN, can.channel());
        assertTrue(can.simulated());
        assertFalse(can.virtual());
        assertEquals(Optional.of("ada, bob"), can.holder());
        assertEquals(Optional.of(BusState.ERROR_ACTIVE), can.state());
        assertEquals(Optional.of(500_000), can.settings().orElseThrow().bitrate());
    }

    @Test
    void carriesFramesBetweenTwoCallersInOrder() throws Exception {
        open(ada);
        open(bob);
        CanFrame[] sent = new CanFrame[1000];
        for (int i = 0; i < sent.length; i++) {
            sent[i] = CanFrame.classic(i, false, Bytes.wrap((byte) i, (byte) (i >> 8)));
        }
        assertEquals(1000, send(ada, sent).sent());
        List<CanFrame> got = receiveAll(bob, 1000);
        for (int i = 0; i < sent.length; i++) {
            assertEquals(sent[i].id(), got.get(i).id());
            assertEquals(sent[i].data(), got.get(i).data());
            assertEquals(Optional.of(FrameOrigin.MACHINE), got.get(i).origin());
        }
        assertEquals(Optional.of(NOON.getEpochSecond() * 1_000_000_000 + NOON.getNano()),
                got.getFirst().time());
    }

    @Test
    void keepsWhatAFrameIs() throws Exception {
        open(ada);
        call(ada, CAN_CONFIGURE, modes(BusMode.FD));
        open(bob);
        CanFrame fd = new CanFrame(0x12345678, Optional.of(FrameKind.FD), Optional.of(true),
                Optional.of(true),
                Optional.of(true), Optional.empty(), Bytes.wrap(new byte[48]), Optional.empty(),
                Optional.empty());
        send(ada, frame(0x7FF, "0102030405060708"), frame(0x5, FrameKind.REMOTE, Optional.of(4), 0), fd,
                frame(0x6, FrameKind.CLASSIC, Optional.of(11), 8));
        List<CanFrame> got = receiveAll(bob, 4);
        assertEquals(Bytes.ofHex("0102030405060708"), got.get(0).data());
        assertEquals(Optional.empty(), got.get(0).kind());
        assertEquals(Optional.of(FrameKind.REMOTE), got.get(1).kind());
        assertEquals(Optional.of(4), got.get(1).dlc());
        assertEquals(Optional.of(FrameKind.FD), got.get(2).kind());
        assertEquals(List.of(Optional.of(true), Optional.of(true), Optional.of(true)),
                List.of(got.get(2).extended(),
                got.get(2).bitRateSwitch(), got.get(2).errorState()));
        assertEquals(48, got.get(2).data().length());
        assertEquals(Optional.of(11), got.get(3).dlc());
    }

    @Test
    void givesTheSenderItsOwnFramesIfItAsked() throws Exception {
        call(ada, CAN_INTERFACE_OPEN, new InterfaceOpen(CAN, Optional.of(true)));
        send(ada, frame(1, "01"));
        assertEquals(Optional.of(FrameOrigin.OWN), receive(ada, 1).frames().getFirst().origin());
    }

    @Test
    void refusesWhatIsNoFrame() throws Exception {
        open(ada);
        refused(ErrorCode.BAD_REQUEST, () -> send(ada, new CanFrame(0x800, Optional.empty(), Optional.empty(),
                Optional.empty(), Optional.empty(), Optional.empty(), Bytes.EMPTY, Optional.empty(),
                Optional.empty())));
        refused(ErrorCode.BAD_REQUEST, () -> send(ada, frame(1, FrameKind.CLASSIC, Optional.empty(), 9)));
        refused(ErrorCode.BAD_REQUEST, () -> send(ada, frame(1, FrameKind.FD, Optional.empty(), 10)));
        Refused error = refused(ErrorCode.BAD_REQUEST, () -> send(ada,
                frame(64, FrameKind.ERROR, Optional.of(8), 8)));
        assertTrue(error.getMessage().contains("cannot be sent"), error.getMessage());
        Refused classic = refused(ErrorCode.BAD_REQUEST, () -> send(ada,
                frame(1, FrameKind.FD, Optional.empty(), 8)));
        assertTrue(classic.getMessage().contains("configure mode fd"), classic.getMessage());
    }

    @Test
    void refusesToUseAnInterfaceThatIsNotOpen() throws Exception {
        assertEquals("sim-can is not open: open it first",
                refused(ErrorCode.BAD_REQUEST, () -> send(ada, frame(1, ""))).getMessage());
        refused(ErrorCode.BAD_REQUEST, () -> receive(ada, 1));
        refused(ErrorCode.NOT_FOUND, () -> call(ada, CAN_ERROR_STATUS, new ChannelRef("can9")));
        open(ada);
        assertEquals(Done.DONE, call(ada, CAN_INTERFACE_CLOSE, new ChannelRef(CAN)));
        refused(ErrorCode.BAD_REQUEST, () -> send(ada, frame(1, "")));
    }

    @Test
    void filtersByIdAndMaskAndInverted() throws Exception {
        open(ada);
        open(bob);
        send(ada, frame(0x100, "00"));
        call(bob, CAN_FILTER_SET, new FilterSet(CAN, List.of(filter(0x200, 0x700, false)), Optional.empty()));
        send(ada, frame(0x123, "01"), frame(0x234, "02"), frame(0x1234567, "03"));
        assertEquals(0x234, receive(bob, 10).frames().getFirst().id(),
                "what came before the filter is gone too");
        call(bob, CAN_FILTER_SET,
                new FilterSet(CAN, List.of(filter(0x200, 0x700, true), filter(0x345, 0x7FF, true)),
                Optional.of(true)));
        send(ada, frame(0x234, "04"), frame(0x345, "05"), frame(0x346, "06"));
        assertEquals(0x346, receive(bob, 10).frames().getFirst().id());
        call(bob, CAN_FILTER_SET, new FilterSet(CAN, List.of(), Optional.empty()));
        send(ada, frame(0x345, "07"));
        assertEquals(0x345, receive(bob, 10).frames().getFirst().id());
    }

    @Test
    void followsWithCreditAndEndsWhenAsked() throws Exception {
        open(ada);
        open(bob);
        TestAnswers<Frames> answers = TestAnswers.followed(1);
        Future<Frames> followed = threads.submit(() -> call(bob, CAN_FRAME_RECEIVE,
                new FrameReceive(CAN, Optional.of(2), Optional.empty()), answers));
        send(ada, frame(1, "01"));
        assertEquals(1, answers.next().frames().getFirst().id());
        send(ada, frame(2, "02"), frame(3, "03"), frame(4, "04"));
        answers.credit(5);
        List<Integer> ids = new ArrayList<>();
        while (ids.size() < 3) {
            answers.next().frames().forEach(frame -> ids.add(frame.id()));
        }
        assertEquals(List.of(2, 3, 4), ids);
        Refused second = refused(ErrorCode.SERVICE_UNAVAILABLE, () -> receive(bob, 1));
        assertTrue(second.getMessage().contains("another call"), second.getMessage());
        answers.end();
        assertTrue(followed.get(20, TimeUnit.SECONDS).frames().isEmpty());
        send(ada, frame(5, "05"));
        assertEquals(5, receive(bob, 1).frames().getFirst().id());
    }

    @Test
    void countsWhatNobodyReadInTime() throws Exception {
        open(ada);
        open(bob);
        CanFrame[] thousand = Collections.nCopies(1000, frame(1, "01")).toArray(CanFrame[]::new);
        for (int i = 0; i < 40; i++) {
            send(ada, thousand);
        }
        long got = 0;
        long lost = 0;
        while (got + lost < 40_000) {
            Frames frames = receive(bob, 1000);
            assertFalse(frames.frames().isEmpty(), got + " came");
            got += frames.frames().size();
            lost += frames.lost().orElse(0L);
        }
        assertTrue(lost > 0);
        assertEquals(errors(ada).dropped(), lost);
    }

    @Test
    void tellsBusOffAndComesBack() throws Exception {
        open(ada);
        InterfaceSettings wrong = call(ada, CAN_CONFIGURE, bitrate(250_000));
        assertEquals(Optional.of(250_000), wrong.bitrate());
        assertEquals(Optional.of(BusState.ERROR_PASSIVE), errors(ada).state());
        Refused off = refused(ErrorCode.SERVICE_UNAVAILABLE, () -> send(ada, frame(1, "")));
        assertTrue(off.getMessage().contains("bus-off at 250000"), off.getMessage());
        CanFrame told = receive(ada, 1).frames().getFirst();
        assertEquals(Optional.of(FrameKind.ERROR), told.kind());
        assertEquals(0x40, told.id());
        assertEquals(Optional.of(BusState.BUS_OFF), errors(ada).state());
        assertEquals(Optional.of(1L), errors(ada).busOffs());
        call(ada, CAN_CONFIGURE, bitrate(500_000));
        assertEquals(0x100, receive(ada, 1).frames().getFirst().id());
        assertEquals(Optional.of(BusState.ERROR_ACTIVE), errors(ada).state());
        assertEquals(1, send(ada, frame(1, "")).sent());
    }

    @Test
    void refusesToChangeWhatOthersUse() throws Exception {
        open(ada);
        open(bob);
        Refused refusal = refused(ErrorCode.FORBIDDEN, () -> call(ada, CAN_CONFIGURE, bitrate(250_000)));
        assertTrue(refusal.getMessage().contains("in use by bob"), refusal.getMessage());
        call(bob, CAN_INTERFACE_CLOSE, new ChannelRef(CAN));
        call(ada, CAN_CONFIGURE, bitrate(250_000));
    }

    @Test
    void refusesModesAndSamplePointsItCannotDo() throws Exception {
        refused(ErrorCode.BAD_REQUEST, () -> call(ada, CAN_CONFIGURE, modes(BusMode.TRIPLE_SAMPLING)));
        IllegalArgumentException alone = assertThrows(IllegalArgumentException.class,
                () -> new InterfaceSetup(CAN, Optional.empty(), Optional.empty(), Optional.of(875),
                Optional.empty(), Optional.empty(),
                Optional.empty(), Optional.empty(), Optional.empty()));
        assertTrue(alone.getMessage().contains("together with its bitrate"));
        call(ada, CAN_CONFIGURE, modes(BusMode.LISTEN_ONLY));
        open(ada);
        refused(ErrorCode.BAD_REQUEST, () -> send(ada, frame(1, "")));
    }

    @Test
    void refusesAnInterfaceThatIsDown() throws Exception {
        assertFalse(call(ada, CAN_CONFIGURE, up(false)).up());
        assertTrue(refused(ErrorCode.SERVICE_UNAVAILABLE, () -> open(ada)).getMessage()
                .contains("Network is down"));
        assertEquals(Optional.empty(), call(ada, CAN_INTERFACE_LIST, None.NONE).interfaces().getFirst()
                .holder());
        assertTrue(call(ada, CAN_CONFIGURE, up(true)).up());
        open(ada);
    }

    @Test
    void endsAFollowedCallWhenTheInterfaceGoes() throws Exception {
        open(ada);
        Future<Frames> followed = threads.submit(() -> call(ada, CAN_FRAME_RECEIVE,
                new FrameReceive(CAN, Optional.empty(), Optional.empty()), TestAnswers.followed(9)));
        zoo.unplug(CAN);
        ExecutionException ended = assertThrows(ExecutionException.class,
                () -> followed.get(20, TimeUnit.SECONDS));
        assertTrue(ended.getCause() instanceof Refused, ended.getCause().toString());
        refused(ErrorCode.NOT_FOUND, () -> open(ada));
        zoo.plug(CAN);
        open(ada);
    }

    @Test
    void staysOpenIntoTheNextSessionOfTheNode() throws Exception {
        open(ada);
        open(bob);
        ada.endSession();
        send(bob, frame(7, "07"));
        TestCaller again = new TestCaller("ada", 3);
        assertEquals(7, receive(again, 1).frames().getFirst().id());
    }
}
