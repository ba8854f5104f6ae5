package org.myclerk.itests.load;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import org.myclerk.api.client.Client;
import org.myclerk.api.client.Followed;
import org.myclerk.api.client.Peer;
import org.myclerk.api.client.Peer.CallOptions;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.op.serial.PortData;
import org.myclerk.op.serial.PortRead;
import org.myclerk.op.serial.PortSetup;
import org.myclerk.op.serial.PortWrite;
import org.myclerk.op.serial.SerialOperations;

/** Has a serial port of a node open, and reads all that comes from it; see {@code Isolated}. */
final class SerialLoad {

    private static final CallOptions PATIENT = new CallOptions(null, Duration.ofSeconds(20));

    private final Client client;
    private final Peer peer;
    private final String port;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private byte[] got = new byte[1 << 20];
    private int size;
    private int begun;
    private int reopened;
    private String failure;
    private volatile boolean done;
    private final Thread reader;

    SerialLoad(Path home, String port) throws IOException, InterruptedException, Refused {
        this.port = port;
        client = Client.open(home);
        peer = client.own();
        peer.call(SerialOperations.SERIAL_PORT_OPEN, new PortSetup(port, Optional.empty(), Optional.empty(),
                Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty()));
        reader = Thread.ofVirtual().start(this::read);
    }

    private void read() {
        while (!done) {
            try (Followed<PortData> reading = peer.follow(SerialOperations.SERIAL_DATA_READ,
                    new PortRead(port, Optional.empty(), Optional.empty()), 4, PATIENT)) {
                note(() -> begun++);
                for (PortData data = reading.next(); data != null; data = reading.next()) {
                    PortData some = data;
                    note(() -> take(some));
                }
            } catch (Refused refused) {
                if (refused.retryAfter() == null) {
                    note(() -> failure = refused.getMessage());
                    return;
                }
            } catch (IOException sessionEnded) {
                // The next one goes on.
            } catch (InterruptedException over) {
                return;
            }
        }
    }

    private void take(PortData data) {
        data.lost().ifPresent(lost -> failure = lost + " bytes were lost");
        reopened += data.reopened().orElse(false) ? 1 : 0;
        if (size + data.data().length() > got.length) {
            got = java.util.Arrays.copyOf(got, Math.max(got.length * 2, size + data.data().length()));
        }
        data.data().copyTo(got, size);
        size += data.data().length();
    }

    private void note(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** All that came once it is so much. */
    byte[] received(int wanted) throws InterruptedException, IOException {
        long left = TimeUnit.SECONDS.toNanos(60);
        lock.lock();
        try {
            while (size < wanted) {
                if (failure != null || left <= 0) {
                    throw new IOException("%d of %d bytes came: %s".formatted(size, wanted, failure));
                }
                left = changed.awaitNanos(left);
            }
            return java.util.Arrays.copyOf(got, size);
        } finally {
            lock.unlock();
        }
    }

    /** How often the followed call had to be made, and how often the port was opened again. */
    String calls() {
        lock.lock();
        try {
            return begun + " " + reopened;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until the port was opened again so many times, as its reader is told. */
    void awaitReopened(int times) throws InterruptedException, IOException {
        long left = TimeUnit.SECONDS.toNanos(20);
        lock.lock();
        try {
            while (reopened < times) {
                if (left <= 0) {
                    throw new IOException("nobody said that the port was opened again");
                }
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Writes; what this has returned from is acknowledged. @return milliseconds of the slowest call */
    long write(byte[] data) throws IOException, InterruptedException, Refused {
        long slowest = 0;
        for (int at = 0; at < data.length; at += 4096) {
            long begin = System.nanoTime();
            peer.call(SerialOperations.SERIAL_DATA_WRITE, new PortWrite(port,
                    Bytes.wrap(data, at, Math.min(4096, data.length - at))), PATIENT);
            slowest = Math.max(slowest, System.nanoTime() - begin);
        }
        return TimeUnit.NANOSECONDS.toMillis(slowest);
    }

    void close() throws InterruptedException {
        done = true;
        reader.interrupt();
        client.close();
    }
}
