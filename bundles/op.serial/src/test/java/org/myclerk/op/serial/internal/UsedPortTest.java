package org.myclerk.op.serial.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.myclerk.api.device.Lease;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.backend.sim.SimulatedZoo;
import org.myclerk.device.serial.OpenSerialPort;
import org.myclerk.device.serial.Received;
import org.myclerk.device.serial.SerialLines;
import org.myclerk.device.serial.SerialPort;
import org.myclerk.device.serial.SerialSettings;
import org.myclerk.device.serial.UsedPort;
import org.myclerk.devices.DeviceRegistry;
import org.myclerk.testing.TestCaller;

@Timeout(60)
final class UsedPortTest {

    private static final int TOTAL = 200_000;

    /** A line that sends a known sequence as fast as it is read, and then falls silent. */
    private static final class Talker implements SerialPort, OpenSerialPort {

        private final boolean holdsBack;
        private final CountDownLatch silent = new CountDownLatch(1);
        private final CountDownLatch closed = new CountDownLatch(1);
        private int sent;

        Talker(boolean holdsBack) {
            this.holdsBack = holdsBack;
        }

        static byte at(long index) {
            return (byte) (index * 31 >>> 3);
        }

        @Override
        public Set<Feature> features() {
            return Set.of();
        }

        @Override
        public OpenSerialPort open(SerialSettings settings) {
            return this;
        }

        @Override
        public int read(byte[] into, int offset, int length, Duration timeout)
                throws IOException, InterruptedException {
            if (sent == TOTAL) {
                silent.countDown();
                closed.await();
                throw new IOException("the port is closed");
            }
            int count = Math.min(length, Math.min(1000, TOTAL - sent));
            for (int i = 0; i < count; i++) {
                into[offset + i] = at(sent++);
            }
            return count;
        }

        @Override
        public boolean holdsBack() {
            return holdsBack;
        }

        @Override
        public void close() {
            closed.countDown();
        }

        @Override
        public SerialSettings settings() {
            return SerialSettings.USUAL;
        }

        @Override
        public void configure(SerialSettings settings) throws IOException {
            throw new IOException("fixed");
        }

        @Override
        public void write(Bytes data) throws IOException {
            throw new IOException("only talks");
        }

        @Override
        public boolean drain(Duration timeout) {
            return true;
        }

        @Override
        public void setLines(Optional<Boolean> dtr, Optional<Boolean> rts) throws IOException {
            throw new IOException("none");
        }

        @Override
        public SerialLines lines() throws IOException {
            throw new IOException("none");
        }

        @Override
        public void sendBreak(Duration duration) throws IOException {
            throw new IOException("none");
        }
    }

    private static final TestCaller ADA = new TestCaller("ada", 1);

    private static UsedPort port(Talker talker) throws Refused {
        DeviceRegistry devices = new DeviceRegistry(Duration.ZERO);
        devices.addSource(new SimulatedZoo(InstantSource.system(), Duration.ofHours(1)));
        Lease lease = devices.lease(ADA, "sim-echo", Lease.Mode.EXCLUSIVE);
        UsedPort port = new UsedPort(lease, SerialSettings.USUAL);
        port.start(talker);
        return port;
    }

    @Test
    void losesAndCountsTheOldestBytesOfALineThatCannotBeHeldBack() throws Exception {
        Talker talker = new Talker(false);
        UsedPort port = port(talker);
        assertTrue(talker.silent.await(20, TimeUnit.SECONDS));
        try (UsedPort.Reading reading = port.read(ADA.nodeId())) {
            Received first = reading.take(65_536, Duration.ofSeconds(20), () -> false);
            long at = first.lost();
            assertTrue(at > TOTAL - 100_000, "only " + at + " lost");
            Received data = first;
            while (true) {
                for (int i = 0; i < data.data().length(); i++) {
                    assertEquals(Talker.at(at), data.data().at(i), "byte " + at);
                    at++;
                }
                if (at == TOTAL) {
                    break;
                }
                data = reading.take(65_536, Duration.ofSeconds(20), () -> false);
                assertEquals(0, data.lost());
            }
        }
        port.end(Lease.End.VANISHED);
    }

    @Test
    void losesNothingOfALineThatCanBeHeldBack() throws Exception {
        Talker talker = new Talker(true);
        UsedPort port = port(talker);
        try (UsedPort.Reading reading = port.read(ADA.nodeId())) {
            long at = 0;
            while (at < TOTAL) {
                Received data = reading.take(1000, Duration.ofSeconds(20), () -> false);
                assertEquals(0, data.lost());
                for (int i = 0; i < data.data().length(); i++) {
                    assertEquals(Talker.at(at), data.data().at(i), "byte " + at);
                    at++;
                }
            }
        }
        port.end(Lease.End.VANISHED);
        assertEquals("sim-echo was unplugged: open it again when it is back",
                assertThrows(Refused.class, port::driver).getMessage());
    }
}
