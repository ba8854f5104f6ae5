package org.myclerk.op.serial.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.myclerk.op.serial.SerialOperations.SERIAL_BREAK;
import static org.myclerk.op.serial.SerialOperations.SERIAL_CONTROL_GET;
import static org.myclerk.op.serial.SerialOperations.SERIAL_CONTROL_SET;
import static org.myclerk.op.serial.SerialOperations.SERIAL_DATA_READ;
import static org.myclerk.op.serial.SerialOperations.SERIAL_DATA_WRITE;
import static org.myclerk.op.serial.SerialOperations.SERIAL_PORT_CLOSE;
import static org.myclerk.op.serial.SerialOperations.SERIAL_PORT_CONFIGURE;
import static org.myclerk.op.serial.SerialOperations.SERIAL_PORT_LIST;
import static org.myclerk.op.serial.SerialOperations.SERIAL_PORT_OPEN;
import static org.myclerk.testing.TestCalls.refused;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.myclerk.api.device.DeviceInfo;
import org.myclerk.api.device.Devices;
import org.myclerk.api.device.Lease;
import org.myclerk.api.operation.Answers;
import org.myclerk.api.operation.Bindings;
import org.myclerk.api.operation.Bindings.Binding;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Done;
import org.myclerk.api.payload.None;
import org.myclerk.backend.sim.SimulatedZoo;
import org.myclerk.devices.DeviceRegistry;
import org.myclerk.op.serial.ControlLines;
import org.myclerk.op.serial.ControlSet;
import org.myclerk.op.serial.FlowControl;
import org.myclerk.op.serial.Parity;
import org.myclerk.op.serial.PortBreak;
import org.myclerk.op.serial.PortData;
import org.myclerk.op.serial.PortInfo;
import org.myclerk.op.serial.PortRead;
import org.myclerk.op.serial.PortRef;
import org.myclerk.op.serial.PortSettings;
import org.myclerk.op.serial.PortSetup;
import org.myclerk.op.serial.PortWrite;
import org.myclerk.op.serial.Rs485;
import org.myclerk.op.serial.StopBits;
import org.myclerk.op.serial.Written;
import org.myclerk.testing.TestAnswers;
import org.myclerk.testing.TestCaller;
import org.myclerk.testing.TestCalls;

@Timeout(60)
final class SerialHandlerTest {

    private final SimulatedZoo zoo = new SimulatedZoo(InstantSource.fixed(Instant.EPOCH),
            Duration.ofHours(1));
    private final DeviceRegistry devices = new DeviceRegistry(Duration.ofSeconds(30));
    private final SerialHandler handler = new SerialHandler(devices);
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

    private PortSettings open(Caller caller, String port) throws Refused, InterruptedException {
        return call(caller, SERIAL_PORT_OPEN, setup(port));
    }

    private static PortSetup setup(String port) {
        return new PortSetup(port, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(),
                Optional.empty(), Optional.empty());
    }

    private Written write(Caller caller, String port, String text) throws Refused, InterruptedException {
        return call(caller, SERIAL_DATA_WRITE, new PortWrite(port, Bytes.wrap(text.getBytes())));
    }

    private static PortRead reading(String port, int max, int timeoutMs) {
        return new PortRead(port, Optional.of(max), Optional.of(timeoutMs));
    }

    private String read(Caller caller, String port, int max) throws Refused, InterruptedException {
        return text(call(caller, SERIAL_DATA_READ, reading(port, max, 20_000)));
    }

    private static String text(PortData data) {
        return new String(data.data().toArray());
    }

    private Future<PortData> follow(Caller caller, String port, TestAnswers<PortData> answers) {
        PortRead request = new PortRead(port, Optional.empty(), Optional.empty());
        return threads.submit(() -> call(caller, SERIAL_DATA_READ, request, answers));
    }

    @Test
    void listsPortsWithTheirHolders() throws Exception {
        open(ada, "sim-gps");
        List<PortInfo> ports = call(bob, SERIAL_PORT_LIST, None.NONE).ports();
        assertEquals(List.of("sim-echo", "sim-gps", "sim-null-a", "sim-null-b"),
                ports.stream().map(PortInfo::port).toList());
        assertTrue(ports.stream().allMatch(port -> port.simulated() && port.controlLines() && port.breaks()));
        assertEquals(Optional.of("ada"), ports.get(1).holder());
        assertEquals(Optional.empty(), ports.get(0).holder());
    }

    @Test
    void opensWithUsualSettingsAndTellsThem() throws Exception {
        assertEquals(new PortSettings(115_200, 8, StopBits.ONE, Parity.NONE, FlowControl.NONE,
                Optional.empty()),
                open(ada, "sim-echo"));
    }

    @Test
    void configuresUnusualSettingsAndKeepsTheOthers() throws Exception {
        open(ada, "sim-echo");
        Rs485 rs485 = new Rs485(true, true, false, true, 10, 20);
        PortSetup unusual = new PortSetup("sim-echo", Optional.of(250_001), Optional.of(7),
                Optional.of(StopBits.ONE_AND_A_HALF), Optional.of(Parity.MARK),
                Optional.of(FlowControl.RTS_CTS),
                Optional.of(rs485));
        PortSettings expected = new PortSettings(250_001, 7, StopBits.ONE_AND_A_HALF, Parity.MARK,
                FlowControl.RTS_CTS, Optional.of(rs485));
        assertEquals(expected, call(ada, SERIAL_PORT_CONFIGURE, unusual));
        assertEquals(expected, call(ada, SERIAL_PORT_CONFIGURE, setup("sim-echo")));
        assertEquals(expected, open(ada, "sim-echo"), "opening again changes nothing");
    }

    @Test
    void refusesASecondOpenerAndTellsByWhom() throws Exception {
        open(ada, "sim-echo");
        Refused refusal = refused(ErrorCode.FORBIDDEN, () -> open(bob, "sim-echo"));
        assertTrue(refusal.getMessage().contains("sim-echo is held by ada"), refusal.getMessage());
        assertEquals(Done.DONE, call(ada, SERIAL_PORT_CLOSE, new PortRef("sim-echo")));
        open(bob, "sim-echo");
    }

    @Test
    void refusesPortsThatAreNotThere() {
        refused(ErrorCode.NOT_FOUND, () -> open(ada, "sim-none"));
        refused(ErrorCode.NOT_FOUND, () -> write(ada, "sim-none", "x"));
    }

    @Test
    void refusesToUseAPortThatIsNotOpen() throws Exception {
        String told = refused(ErrorCode.BAD_REQUEST, () -> write(ada, "sim-echo", "x")).getMessage();
        assertEquals("sim-echo is not open: open it first", told);
        refused(ErrorCode.BAD_REQUEST, () -> read(ada, "sim-echo", 1));
        refused(ErrorCode.BAD_REQUEST, () -> call(ada, SERIAL_PORT_CLOSE, new PortRef("sim-echo")));
        open(ada, "sim-echo");
        refused(ErrorCode.FORBIDDEN, () -> write(bob, "sim-echo", "x"));
    }

    @Test
    void readsWhatWasWritten() throws Exception {
        open(ada, "sim-echo");
        assertEquals(new Written(11), write(ada, "sim-echo", "hello world"));
        assertEquals("hello", read(ada, "sim-echo", 5));
        assertEquals(" world", read(ada, "sim-echo", 100));
    }

    @Test
    void answersWithNothingWhenNothingComesInTime() throws Exception {
        open(ada, "sim-echo");
        assertEquals(new PortData(Bytes.EMPTY, Optional.empty(), Optional.empty()),
                call(ada, SERIAL_DATA_READ, reading("sim-echo", 10, 1)));
    }

    @Test
    void followsWhatComesAsFarAsThereIsCredit() throws Exception {
        open(ada, "sim-echo");
        TestAnswers<PortData> answers = TestAnswers.followed(2);
        Future<PortData> call = follow(ada, "sim-echo", answers);
        write(ada, "sim-echo", "one");
        assertEquals("one", text(answers.next()));
        write(ada, "sim-echo", "two");
        assertEquals("two", text(answers.next()));
        write(ada, "sim-echo", "three");
        assertEquals(0, answers.waiting());
        answers.credit(1);
        assertEquals("three", text(answers.next()));
        write(ada, "sim-echo", "four");
        answers.end();
        String rest = text(call.get(20, TimeUnit.SECONDS));
        assertEquals("four", rest.isEmpty() ? read(ada, "sim-echo", 100) : rest,
                "what could not be sent is kept");
    }

    @Test
    void endsAFollowedCallThatTheCallerEnds() throws Exception {
        open(ada, "sim-echo");
        TestAnswers<PortData> answers = TestAnswers.followed(5);
        Future<PortData> call = follow(ada, "sim-echo", answers);
        write(ada, "sim-echo", "one");
        answers.next();
        answers.end();
        assertEquals("", text(call.get(20, TimeUnit.SECONDS)));
        TestAnswers<PortData> again = TestAnswers.followed(5);
        follow(ada, "sim-echo", again);
        write(ada, "sim-echo", "two");
        assertEquals("two", text(again.next()));
        again.end();
    }

    /** Answers that say when they are about to be sent. */
    private record Sending(TestAnswers<PortData> answers, CountDownLatch sends) implements Answers<PortData> {

        @Override
        public boolean followed() {
            return answers.followed();
        }

        @Override
        public boolean send(PortData answer) throws InterruptedException {
            sends.countDown();
            return answers.send(answer);
        }

        @Override
        public boolean offer(PortData answer) {
            return answers.offer(answer);
        }

        @Override
        public boolean ended() {
            return answers.ended();
        }

        @Override
        public void onEnd(Runnable task) {
            answers.onEnd(task);
        }
    }

    @Test
    void goesOnAtANodeToWhichThePortIsHandedWithoutLosingAByte() throws Exception {
        open(ada, "sim-echo");
        TestAnswers<PortData> before = TestAnswers.followed(1);
        CountDownLatch sends = new CountDownLatch(2);
        Future<PortData> call = threads.submit(() -> call(ada, SERIAL_DATA_READ,
                new PortRead("sim-echo", Optional.empty(), Optional.empty()), new Sending(before, sends)));
        write(ada, "sim-echo", "one");
        assertEquals("one", text(before.next()));
        write(ada, "sim-echo", "two");
        assertTrue(sends.await(20, TimeUnit.SECONDS), "it has taken the second and has no credit to send it");
        devices.hand("sim-echo", ada.nodeId(), bob.nodeId(), "bob");
        TestAnswers<PortData> after = TestAnswers.followed(5);
        Future<PortData> next = follow(bob, "sim-echo", after);
        before.end();
        ExecutionException gone = assertThrows(ExecutionException.class,
                () -> call.get(20, TimeUnit.SECONDS));
        assertEquals("sim-echo has gone to bob by a route: it comes back when that leaves",
                gone.getCause().getMessage());
        assertEquals("two", text(after.next()));
        refused(ErrorCode.FORBIDDEN, () -> write(ada, "sim-echo", "x"));
        write(bob, "sim-echo", "three");
        assertEquals("three", text(after.next()));
        assertEquals(115_200, open(bob, "sim-echo").baud(), "it is open already");
        after.end();
        next.get(20, TimeUnit.SECONDS);
    }

    @Test
    void doesNotLetAReadOfTheNodeBeforeHoldUpTheNext() throws Exception {
        open(ada, "sim-echo");
        Future<PortData> waiting = threads.submit(() -> call(ada, SERIAL_DATA_READ,
                reading("sim-echo", 10, 60_000)));
        devices.hand("sim-echo", ada.nodeId(), bob.nodeId(), "bob");
        write(bob, "sim-echo", "for bob");
        assertEquals("for bob", read(bob, "sim-echo", 10));
        assertThrows(ExecutionException.class, () -> waiting.get(20, TimeUnit.SECONDS));
    }

    @Test
    void refusesASecondReader() throws Exception {
        open(ada, "sim-echo");
        TestAnswers<PortData> answers = TestAnswers.followed(5);
        follow(ada, "sim-echo", answers);
        write(ada, "sim-echo", "one");
        answers.next();
        refused(ErrorCode.SERVICE_UNAVAILABLE, () -> read(ada, "sim-echo", 1));
        answers.end();
    }

    @Test
    void tellsAReaderThatItsPortWasUnpluggedAndOpensItAgain() throws Exception {
        open(ada, "sim-echo");
        TestAnswers<PortData> answers = TestAnswers.followed(5);
        Future<PortData> call = follow(ada, "sim-echo", answers);
        write(ada, "sim-echo", "one");
        answers.next();
        CompletableFuture<Lease.End> end = new CompletableFuture<>();
        devices.leaseOf(ada, "sim-echo").orElseThrow().onEnd(end::complete);
        zoo.unplug("sim-echo");
        ExecutionException failure = assertThrows(ExecutionException.class,
                () -> call.get(20, TimeUnit.SECONDS));
        assertTrue(failure.getCause().getMessage().contains("sim-echo was unplugged"), failure.getMessage());
        refused(ErrorCode.NOT_FOUND, () -> write(ada, "sim-echo", "x"));
        end.get(20, TimeUnit.SECONDS);
        zoo.plug("sim-echo");
        open(bob, "sim-echo");
        write(bob, "sim-echo", "back");
        assertEquals("back", read(bob, "sim-echo", 10));
    }

    @Test
    void tellsAWriterThatItsPortFails() throws Exception {
        open(ada, "sim-echo");
        zoo.faults().failEvery(1);
        String told = refused(ErrorCode.SERVICE_UNAVAILABLE, () -> write(ada, "sim-echo", "x")).getMessage();
        assertTrue(told.contains("Input/output error"), told);
        zoo.faults().failEvery(0);
        open(bob, "sim-echo");
    }

    @Test
    void staysOpenOverTheEndOfItsSessionForTheSameNode() throws Exception {
        open(ada, "sim-echo");
        write(ada, "sim-echo", "before");
        ada.endSession();
        TestCaller again = new TestCaller("ada", 3);
        refused(ErrorCode.FORBIDDEN, () -> open(bob, "sim-echo"));
        assertEquals("before", read(again, "sim-echo", 100));
        open(again, "sim-echo");
        write(again, "sim-echo", "after");
        assertEquals("after", read(again, "sim-echo", 100));
    }

    @Test
    void closesThePortAfterTheGraceTime() throws Exception {
        DeviceRegistry hasty = new DeviceRegistry(Duration.ZERO);
        SimulatedZoo other = new SimulatedZoo(InstantSource.fixed(Instant.EPOCH), Duration.ofHours(1));
        hasty.addSource(other);
        SerialHandler strict = new SerialHandler(hasty);
        Bindings served = strict.bindings();
        open(served, ada);
        CompletableFuture<Lease.End> end = new CompletableFuture<>();
        hasty.leaseOf(ada, "sim-echo").orElseThrow().onEnd(end::complete);
        CompletableFuture<DeviceInfo> free = new CompletableFuture<>();
        ada.endSession();
        assertEquals(Lease.End.EXPIRED, end.get(20, TimeUnit.SECONDS));
        hasty.watch(new Devices.Watcher() {

            @Override
            public void appeared(DeviceInfo device) {
                free.complete(device);
            }

            @Override
            public void vanished(DeviceInfo device) {
                // Only what comes matters here.
            }
        });
        other.unplug("sim-echo");
        other.plug("sim-echo");
        free.get(20, TimeUnit.SECONDS);
        open(served, bob);
        strict.stop();
        hasty.stop();
    }

    @SuppressWarnings("unchecked")
    private static void open(Bindings served, Caller caller) throws Refused, InterruptedException {
        Binding<PortSetup, PortSettings> binding =
                (Binding<PortSetup, PortSettings>) served.binding(SERIAL_PORT_OPEN.code());
        binding.method().answer(caller, setup("sim-echo"), TestAnswers.single());
    }

    @Test
    void setsAndGetsControlLinesOverANullModem() throws Exception {
        open(ada, "sim-null-a");
        open(bob, "sim-null-b");
        assertEquals(new ControlLines(true, true, true, true, true, false),
                call(bob, SERIAL_CONTROL_GET, new PortRef("sim-null-b")));
        call(ada, SERIAL_CONTROL_SET, new ControlSet("sim-null-a", Optional.of(false), Optional.empty()));
        assertEquals(new ControlLines(true, true, true, false, false, false),
                call(bob, SERIAL_CONTROL_GET, new PortRef("sim-null-b")));
        call(ada, SERIAL_CONTROL_SET, new ControlSet("sim-null-a", Optional.empty(), Optional.of(false)));
        assertEquals(new ControlLines(false, false, true, true, true, false),
                call(ada, SERIAL_CONTROL_GET, new PortRef("sim-null-a")));
    }

    @Test
    void sendsABreak() throws Exception {
        open(ada, "sim-echo");
        assertEquals(Done.DONE, call(ada, SERIAL_BREAK, new PortBreak("sim-echo", Optional.of(1))));
    }

    @Test
    void readsThePositionThatAReceiverTells() throws Exception {
        open(ada, "sim-gps");
        String said = read(ada, "sim-gps", 1000);
        assertTrue(said.startsWith("$GPRMC,000000.00,A,5231.0000,N,01323.0000,E,1.9,0.0,010170,,,A*"), said);
    }

    @Test
    void losesNothingBothWaysAtOnceWhileTheReaderIsSlow() throws Exception {
        open(ada, "sim-null-a");
        open(bob, "sim-null-b");
        byte[] there = new byte[2_000_000];
        byte[] back = new byte[2_000_000];
        new Random(1).nextBytes(there);
        new Random(2).nextBytes(back);
        Future<?> adaWrites = threads.submit(() -> writeAll(ada, "sim-null-a", there));
        Future<?> bobWrites = threads.submit(() -> writeAll(bob, "sim-null-b", back));
        Future<byte[]> adaReads = threads.submit(() -> readAll(ada, "sim-null-a", back.length));
        assertEquals(Bytes.wrap(there), Bytes.wrap(readAll(bob, "sim-null-b", there.length)));
        assertEquals(Bytes.wrap(back), Bytes.wrap(adaReads.get()));
        adaWrites.get();
        bobWrites.get();
    }

    private Object writeAll(Caller caller, String port, byte[] data) throws Refused, InterruptedException {
        for (int done = 0; done < data.length; ) {
            int size = Math.min(50_000, data.length - done);
            done += call(caller, SERIAL_DATA_WRITE, new PortWrite(port, Bytes.wrap(data, done, size)))
                    .written();
        }
        return null;
    }

    private byte[] readAll(Caller caller, String port, int length)
            throws Refused, InterruptedException, IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        while (all.size() < length) {
            PortData data = call(caller, SERIAL_DATA_READ, reading(port, 65_536, 20_000));
            assertEquals(Optional.empty(), data.lost());
            all.write(data.data().toArray());
        }
        return all.toByteArray();
    }

    @Test
    void closesItsPortsWhenItStops() throws Exception {
        open(ada, "sim-echo");
        Lease lease = devices.leaseOf(ada, "sim-echo").orElseThrow();
        handler.stop();
        assertFalse(lease.active());
        SerialHandler next = new SerialHandler(devices);
        open(next.bindings(), bob);
        next.stop();
    }
}
