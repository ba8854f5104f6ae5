package org.myclerk.backend.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.myclerk.api.device.Configurable;
import org.myclerk.api.device.Device;
import org.myclerk.api.device.DeviceSink;
import org.myclerk.api.device.Setting;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Fields;
import org.myclerk.device.can.CanFrame;
import org.myclerk.device.can.CanInterface;
import org.myclerk.device.can.OpenCan;
import org.myclerk.device.serial.OpenSerialPort;
import org.myclerk.device.serial.SerialPort;
import org.myclerk.device.serial.SerialSettings;

@Timeout(60)
final class SimulatedZooTest {

    private static final Duration LONG = Duration.ofSeconds(20);

    private final SimulatedZoo zoo =
            new SimulatedZoo(InstantSource.fixed(Instant.parse("2026-11-25T12:00:30Z")),
            Duration.ofMillis(1));
    private final Map<String, Device> seen = new TreeMap<>();

    @BeforeEach
    void start() {
        zoo.start(new DeviceSink() {

            @Override
            public void appeared(Device device) {
                seen.put(device.info().id(), device);
            }

            @Override
            public void vanished(String id) {
                seen.remove(id);
            }
        });
    }

    private OpenSerialPort open(String id) throws IOException {
        return ((SerialPort) seen.get(id).driver()).open(SerialSettings.USUAL);
    }

    private static String read(OpenSerialPort port, int length) throws IOException, InterruptedException {
        byte[] into = new byte[length];
        int done = 0;
        while (done < length) {
            done += port.read(into, done, length - done, LONG);
        }
        return new String(into);
    }

    @Test
    void marksEveryDeviceAsSimulated() {
        assertEquals(
                "[sim-can, sim-echo, sim-gpio, sim-gps, sim-i2c, sim-null-a, sim-null-b, sim-onewire, "
                + "sim-pwm, "
                + "sim-spi-0, sim-spi-1]", seen.keySet().toString());
        assertTrue(seen.values().stream().allMatch(device -> device.info().simulated()));
    }

    @Test
    void talksNmeaWithRightChecksums() throws Exception {
        try (OpenSerialPort gps = open("sim-gps")) {
            String[] sentences = read(gps, 1000).split("\r\n");
            for (int i = 0; i < 4; i++) {
                String sentence = sentences[i];
                int star = sentence.indexOf('*');
                int sum = sentence.substring(1, star).chars().reduce(0, (a, b) -> a ^ b);
                assertEquals("%02X".formatted(sum), sentence.substring(star + 1), sentence);
            }
            assertTrue(sentences[0].startsWith("$GPRMC,120030.00,A,"), sentences[0]);
            assertTrue(sentences[1].startsWith("$GPGGA,120030.00,"), sentences[1]);
        }
    }

    @Test
    void takesSettings() throws Exception {
        Configurable gps = (Configurable) seen.get("sim-gps").driver();
        assertEquals(List.of("fix", "interval-ms"), gps.settings().stream().map(Setting::name).toList());
        gps.configure(Fields.of(Map.of("fix", false)));
        assertEquals(Boolean.FALSE, gps.values().toMap().get("fix"));
        try (OpenSerialPort port = open("sim-gps")) {
            assertEquals("$GPRMC,120030.00,V,", read(port, 19));
        }
        assertEquals(List.of(), ((Configurable) seen.get("sim-echo").driver()).settings());
    }

    @Test
    void carriesBytesThroughTheNullModemBothWays() throws Exception {
        try (OpenSerialPort a = open("sim-null-a"); OpenSerialPort b = open("sim-null-b")) {
            a.write(Bytes.wrap("ping".getBytes()));
            b.write(Bytes.wrap("pong".getBytes()));
            assertEquals("ping", read(b, 4));
            assertEquals("pong", read(a, 4));
        }
    }

    @Test
    void losesWhatIsSentToAClosedEnd() throws Exception {
        try (OpenSerialPort a = open("sim-null-a")) {
            a.write(Bytes.wrap("nobody".getBytes()));
            try (OpenSerialPort b = open("sim-null-b")) {
                a.write(Bytes.wrap("you".getBytes()));
                assertEquals("you", read(b, 3));
            }
        }
    }

    @Test
    void refusesASecondUserUntilTheFirstIsGone() throws Exception {
        OpenSerialPort first = open("sim-echo");
        assertTrue(assertThrows(IOException.class, () -> open("sim-echo")).getMessage().contains("busy"));
        first.close();
        open("sim-echo").close();
    }

    @Test
    void failsEveryReaderAndWriterOfAnUnpluggedDevice() throws Exception {
        OpenSerialPort port = open("sim-echo");
        zoo.unplug("sim-echo");
        assertTrue(!seen.containsKey("sim-echo"));
        IOException failure = assertThrows(IOException.class, () -> port.read(new byte[1], 0, 1, LONG));
        assertTrue(failure.getMessage().contains("No such device"), failure.getMessage());
        assertThrows(IOException.class, () -> port.write(Bytes.wrap(new byte[1])));
        zoo.plug("sim-echo");
        open("sim-echo").close();
    }

    @Test
    void failsEveryNthWriteAndDelaysTheOthersIfAsked() throws Exception {
        try (OpenSerialPort port = open("sim-echo")) {
            zoo.faults().failEvery(2);
            zoo.faults().latency(Duration.ofMillis(30));
            long before = System.nanoTime();
            port.write(Bytes.wrap("a".getBytes()));
            assertTrue(System.nanoTime() - before >= 30_000_000);
            assertThrows(IOException.class, () -> port.write(Bytes.wrap("b".getBytes())));
            zoo.faults().failEvery(0);
            port.write(Bytes.wrap("c".getBytes()));
            assertEquals("ac", read(port, 2));
        }
    }

    @Test
    void hasAnEngineOnTheCanBusThatAnswersDiagnostics() throws Exception {
        try (OpenCan can = ((CanInterface) seen.get("sim-can").driver()).open(false)) {
            CanFrame told = next(can, 0x0C0);
            assertEquals(told.data().at(4), told.data().at(0) ^ told.data().at(1) ^ told.data().at(2)
                    ^ told.data().at(3));
            can.send(List.of(CanFrame.classic(0x7DF, false, Bytes.ofHex("02010c0000000000"))));
            Bytes answer = next(can, 0x7E8).data();
            assertEquals("04410c", answer.slice(0, 3).toHex());
            int revolutions = ((answer.at(3) & 0xFF) << 8 | answer.at(4) & 0xFF) / 4;
            assertTrue(revolutions > 700 && revolutions < 2300, revolutions + " per minute");
            can.send(List.of(CanFrame.classic(0x7E0, false, Bytes.ofHex("0209020000000000"))));
            StringBuilder vin = new StringBuilder(text(next(can, 0x7E8).data().slice(5, 3)));
            can.send(List.of(CanFrame.classic(0x7E0, false, Bytes.ofHex("3000000000000000"))));
            vin.append(text(next(can, 0x7E8).data().slice(1, 7)))
                    .append(text(next(can, 0x7E8).data().slice(1, 7)));
            assertEquals("WMCKSIM0000000001", vin.toString());
        }
    }

    private static String text(Bytes bytes) {
        return new String(bytes.toArray());
    }

    /** The next frame of that id, of those that the engine sends. */
    private static CanFrame next(OpenCan can, int id) throws IOException, InterruptedException {
        while (true) {
            List<CanFrame> frames = can.receive(1, LONG).frames();
            assertTrue(!frames.isEmpty(), "nothing came");
            if (frames.getFirst().id() == id) {
                return frames.getFirst();
            }
        }
    }

    /** Whoever has something open lets go of it in order: the registry suspends it, or ends it. */
    @Test
    void onlyStopsTellingWhenItStops() throws Exception {
        OpenCan can = ((CanInterface) seen.get("sim-can").driver()).open(true);
        zoo.stop();
        zoo.unplug("sim-echo");
        assertTrue(seen.containsKey("sim-echo"), "nothing is told any more");
        can.send(List.of(CanFrame.classic(0x123, false, Bytes.EMPTY)));
        can.close();
    }
}
