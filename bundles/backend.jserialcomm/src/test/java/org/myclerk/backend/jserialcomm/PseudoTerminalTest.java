package org.myclerk.backend.jserialcomm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.myclerk.op.serial.SerialOperations.SERIAL_BREAK;
import static org.myclerk.op.serial.SerialOperations.SERIAL_CONTROL_GET;
import static org.myclerk.op.serial.SerialOperations.SERIAL_DATA_READ;
import static org.myclerk.op.serial.SerialOperations.SERIAL_DATA_WRITE;
import static org.myclerk.op.serial.SerialOperations.SERIAL_PORT_CLOSE;
import static org.myclerk.op.serial.SerialOperations.SERIAL_PORT_LIST;
import static org.myclerk.op.serial.SerialOperations.SERIAL_PORT_OPEN;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.myclerk.api.device.DeviceInfo;
import org.myclerk.api.device.Devices;
import org.myclerk.api.operation.Answers;
import org.myclerk.api.operation.Bindings;
import org.myclerk.api.operation.Bindings.Binding;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.None;
import org.myclerk.device.serial.OpenSerialPort;
import org.myclerk.device.serial.SerialSettings;
import org.myclerk.devices.DeviceRegistry;
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
import org.myclerk.op.serial.StopBits;
import org.myclerk.op.serial.internal.SerialHandler;
import org.myclerk.testing.TestAnswers;
import org.myclerk.testing.TestCaller;

/** Real pseudo-terminals, with socat at the other end. */
@Timeout(120)
final class PseudoTerminalTest {

    private static final int TEN_MEGABYTES = 10_000_000;

    @TempDir
    Path folder;

    private final DeviceRegistry devices = new DeviceRegistry(Duration.ofSeconds(30));
    private final SerialHandler handler = new SerialHandler(devices);
    private final Bindings bindings = handler.bindings();
    private final TestCaller ada = new TestCaller("ada", 1);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final BlockingQueue<String> appeared = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> vanished = new LinkedBlockingQueue<>();
    private SerialPorts source;
    private String id;
    private Process socat;

    @BeforeAll
    static void needSocat() throws InterruptedException {
        boolean there;
        try {
            there = new ProcessBuilder("socat", "-V").redirectOutput(ProcessBuilder.Redirect.DISCARD).start()
                    .waitFor() == 0;
        } catch (IOException e) {
            there = false;
        }
        if (!there && Boolean.getBoolean("myclerk.required")) {
            fail("socat is not installed");
        }
        assumeTrue(there, "needs socat");
    }

    @BeforeEach
    void offerAPseudoTerminal() {
        id = folder.resolve("port").toString();
        source = new SerialPorts(new PortScan(folder, folder, List.of(id)), Duration.ofMillis(50));
        devices.watch(new Devices.Watcher() {

            @Override
            public void appeared(DeviceInfo device) {
                appeared.add(device.id());
            }

            @Override
            public void vanished(DeviceInfo device) {
                vanished.add(device.id());
            }
        });
        devices.addSource(source);
    }

    @AfterEach
    void stop() throws InterruptedException {
        handler.stop();
        devices.removeSource(source);
        devices.stop();
        if (socat != null) {
            socat.destroyForcibly().waitFor();
        }
        threads.close();
    }

    /** Plugs a cable in whose other end is socat's standard input and output. */
    private void plug() throws IOException, InterruptedException {
        socat("STDIO", "PTY,link=" + id + ",raw,echo=0,wait-slave,pty-interval=0.05");
    }

    private void socat(String... ends) throws IOException, InterruptedException {
        socat = new ProcessBuilder("socat", ends[0], ends[1]).redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        assertEquals(id, appeared.poll(20, TimeUnit.SECONDS), "the port did not appear");
    }

    private <Q, A> A call(Operation<Q, A> row, Q request) throws Refused, InterruptedException {
        return call(ada, row, request, TestAnswers.single());
    }

    @SuppressWarnings("unchecked")
    private <Q, A> A call(Caller caller, Operation<Q, A> row, Q request, Answers<A> answers)
            throws Refused, InterruptedException {
        return ((Binding<Q, A>) bindings.binding(row.code())).method().answer(caller, request, answers);
    }

    private PortSettings open() throws Refused, InterruptedException {
        return call(SERIAL_PORT_OPEN, new PortSetup(id, Optional.empty(), Optional.empty(), Optional.empty(),
                Optional.empty(), Optional.empty(), Optional.empty()));
    }

    private Future<PortData> follow(TestAnswers<PortData> answers) {
        PortRead request = new PortRead(id, Optional.empty(), Optional.empty());
        return threads.submit(() -> call(ada, SERIAL_DATA_READ, request, answers));
    }

    private Object writeAll(byte[] data) throws Refused, InterruptedException {
        for (int done = 0; done < data.length; ) {
            int size = Math.min(60_000, data.length - done);
            done += call(SERIAL_DATA_WRITE, new PortWrite(id, Bytes.wrap(data, done, size))).written();
        }
        return null;
    }

    /** What arrives at the other end. */
    private String heard(int length) throws Exception {
        return new String(threads.submit(() -> socat.getInputStream().readNBytes(length))
                .get(20, TimeUnit.SECONDS));
    }

    private static byte[] noise(int seed) {
        byte[] noise = new byte[TEN_MEGABYTES];
        new Random(seed).nextBytes(noise);
        return noise;
    }

    @Test
    void carriesTenMegabytesBothWaysAtOnceUnchanged() throws Exception {
        plug();
        open();
        byte[] there = noise(1);
        byte[] back = noise(2);
        TestAnswers<PortData> answers = TestAnswers.followed(4);
        Future<PortData> reading = follow(answers);
        Future<?> outbound = threads.submit(() -> writeAll(there));
        Future<?> inbound = threads.submit(() -> {
            socat.getOutputStream().write(back);
            socat.getOutputStream().flush();
            return null;
        });
        Future<byte[]> arrived = threads.submit(() -> socat.getInputStream().readNBytes(TEN_MEGABYTES));
        ByteArrayOutputStream got = new ByteArrayOutputStream(TEN_MEGABYTES);
        while (got.size() < TEN_MEGABYTES) {
            PortData data = answers.next();
            assertEquals(Optional.empty(), data.lost());
            got.write(data.data().toArray());
            answers.credit(1);
        }
        assertEquals(Bytes.wrap(back), Bytes.wrap(got.toByteArray()));
        assertEquals(Bytes.wrap(there), Bytes.wrap(arrived.get(60, TimeUnit.SECONDS)));
        outbound.get();
        inbound.get();
        answers.end();
        assertTrue(reading.get().data().isEmpty());
    }

    @Test
    void letsOutWhatWasWrittenBeforeItCloses() throws Exception {
        plug();
        open();
        writeAll("last words".getBytes());
        call(SERIAL_PORT_CLOSE, new PortRef(id));
        assertEquals("last words", heard(10));
    }

    @Test
    void tellsAReaderThatItsTerminalIsGoneAndOpensItWhenItIsBack() throws Exception {
        plug();
        open();
        TestAnswers<PortData> answers = TestAnswers.followed(4);
        Future<PortData> reading = follow(answers);
        socat.getOutputStream().write("here".getBytes());
        socat.getOutputStream().flush();
        assertEquals("here", new String(answers.next().data().toArray()));
        socat.destroy();
        ExecutionException end = assertThrows(ExecutionException.class,
                () -> reading.get(20, TimeUnit.SECONDS));
        assertTrue(end.getCause().getMessage().contains("was unplugged"), end.getMessage());
        assertEquals(id, vanished.poll(20, TimeUnit.SECONDS));
        plug();
        open();
        writeAll("back".getBytes());
        assertEquals("back", heard(4));
    }

    @Test
    void saysThatATerminalHasNoControlLinesAndNoBreak() throws Exception {
        plug();
        open();
        PortInfo info = call(SERIAL_PORT_LIST, None.NONE).ports().getFirst();
        assertFalse(info.controlLines() || info.breaks() || info.rs485() || info.simulated());
        String lines = assertThrows(Refused.class, () -> call(SERIAL_CONTROL_GET, new PortRef(id)))
                .getMessage();
        assertTrue(lines.contains("has no control lines"), lines);
        String pause = assertThrows(Refused.class, () -> call(SERIAL_BREAK,
                new PortBreak(id, Optional.empty())))
                .getMessage();
        assertTrue(pause.contains("cannot send a break"), pause);
    }

    @Test
    void tellsTheKernelsReason() throws Exception {
        plug();
        PortScan.Found found = new PortScan(folder, folder, List.of(id)).scan().get(id);
        try (OpenSerialPort port = new JSerialCommPort(found).open(SerialSettings.USUAL)) {
            String reason = assertThrows(IOException.class, () -> port.setLines(Optional.of(true),
                    Optional.empty()))
                    .getMessage();
            assertTrue(reason.endsWith("(errno 25)"), reason);
        }
    }

    @Test
    void runsAtUnusualSettings() throws Exception {
        plug();
        PortSettings settings = call(SERIAL_PORT_OPEN, new PortSetup(id, Optional.of(250_001), Optional.of(8),
                Optional.of(StopBits.TWO), Optional.of(Parity.NONE), Optional.of(FlowControl.XON_XOFF),
                Optional.empty()));
        assertEquals(new PortSettings(250_001, 8, StopBits.TWO, Parity.NONE, FlowControl.XON_XOFF,
                Optional.empty()),
                settings);
        writeAll("fast".getBytes());
        assertEquals("fast", heard(4));
    }

    @Test
    void endsAWriterThatWaitsForALineNobodyReads() throws Exception {
        socat("PTY,link=" + folder.resolve("nobody") + ",raw,echo=0", "PTY,link=" + id + ",raw,echo=0");
        open();
        Future<?> writing = threads.submit(() -> writeAll(noise(3)));
        TestAnswers<PortData> answers = TestAnswers.followed(1);
        Future<PortData> reading = follow(answers);
        assertThrows(TimeoutException.class, () -> writing.get(1, TimeUnit.SECONDS));
        call(SERIAL_PORT_CLOSE, new PortRef(id));
        ExecutionException end = assertThrows(ExecutionException.class,
                () -> writing.get(20, TimeUnit.SECONDS));
        assertTrue(end.getCause().getMessage().contains("was closed"), end.getMessage());
        assertThrows(ExecutionException.class, () -> reading.get(20, TimeUnit.SECONDS));
    }

    @Test
    void refusesATerminalThatIsGone() throws Exception {
        plug();
        PortScan.Found found = new PortScan(folder, folder, List.of(id)).scan().get(id);
        socat.destroyForcibly().waitFor();
        Files.deleteIfExists(Path.of(id));
        IOException gone = assertThrows(IOException.class, () -> new JSerialCommPort(found)
                .open(SerialSettings.USUAL));
        assertTrue(gone.getMessage().contains("is gone"), gone.getMessage());
    }
}
