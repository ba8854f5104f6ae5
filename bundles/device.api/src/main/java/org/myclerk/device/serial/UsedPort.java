package org.myclerk.device.serial;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.function.BooleanSupplier;

import org.myclerk.api.device.Lease;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.device.DeviceException;
import org.myclerk.device.UsedDevice;

/**
 * A port that a node has open. A platform thread of its own reads it into a buffer of {@value #LIMIT} bytes.
 * When that is full the thread stops reading if the line then holds back its sender; otherwise it goes on,
 * and the oldest bytes are lost and counted.
 */
public final class UsedPort extends UsedDevice<SerialPort, OpenSerialPort> {

    private static final int LIMIT = 65_536;
    private static final int BLOCK = 16_384;
    private static final int LEAST_FREE = 1_024;
    private static final Duration READ_AT_MOST = Duration.ofMinutes(1);
    private static final Duration DRAIN_AT_MOST = Duration.ofSeconds(1);

    private final ReadBuffer buffer = new ReadBuffer();
    private volatile SerialSettings settings;
    private long lost;
    private Reading reader;
    private int writing;
    private boolean reopened;

    public UsedPort(Lease lease, SerialSettings settings) {
        super(SerialPort.class, lease);
        this.settings = settings;
    }

    /** The port as it was open before this class was replaced: {@code state} is what that said. */
    public static UsedPort of(Lease lease, Map<String, Object> state) {
        return new UsedPort(lease, SerialSettings.of(state));
    }

    @Override
    protected OpenSerialPort open(SerialPort port) throws DeviceException {
        try {
            return port.open(settings);
        } catch (IOException e) {
            throw new DeviceException(ErrorCode.SERVICE_UNAVAILABLE,
                    "cannot open %s: %s".formatted(id(), e.getMessage()));
        }
    }

    @Override
    protected void opened(OpenSerialPort port, boolean again) {
        lock.lock();
        try {
            reopened |= again;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        Thread.ofPlatform().name("serial " + id()).daemon().start(() -> pump(port));
    }

    /** Changes all settings; if that fails the ones before stay in force. */
    public void configure(SerialSettings wanted) throws Refused, IOException {
        driver().configure(wanted);
        settings = wanted;
    }

    /**
     * Hands bytes to the kernel, waiting for room. What this has returned from leaves the machine even if the
     * driver is replaced.
     *
     * @throws Refused if the port has ended or failed, or its driver was replaced on the way
     */
    public void write(Bytes data) throws Refused, InterruptedException {
        OpenSerialPort to;
        lock.lock();
        try {
            to = driver();
            writing++;
        } finally {
            lock.unlock();
        }
        try {
            to.write(data);
        } catch (IOException e) {
            throw isCurrent(to) || ended() ? fail(e) : new Refused(ErrorCode.TIMEOUT, "the driver of %s was "
                    .formatted(id()) + "replaced on the way: part of it may have been sent");
        } finally {
            lock.lock();
            try {
                writing--;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    /** What was acknowledged leaves the machine first, if the port is sound. */
    @Override
    protected void close(OpenSerialPort port, boolean sound) {
        try {
            if (sound) {
                awaitWriters();
                port.drain(DRAIN_AT_MOST);
            }
        } catch (IOException _) {
            // It failed already, which is why it is closed.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        port.close();
    }

    private void awaitWriters() throws InterruptedException {
        long left = DRAIN_AT_MOST.toNanos();
        lock.lock();
        try {
            while (writing > 0 && left > 0) {
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Map<String, Object> state() {
        return settings.toMap();
    }

    private Refused fail(IOException failure) {
        return fail(Refused.unavailable("%s was unplugged or failed (%s): open it again when it is back"
                .formatted(id(), failure.getMessage())));
    }

    /**
     * Makes a node that holds the port the one that reads. If the port has just come from another node, what
     * that reads ends first.
     *
     * @throws Refused if another call of the node reads
     */
    public Reading read(Bytes node) throws Refused, InterruptedException {
        lock.lockInterruptibly();
        try {
            while (reader != null && !reader.node.equals(node)) {
                changed.signalAll();
                changed.await();
            }
            if (reader != null) {
                throw Refused.unavailable("another call reads %s: end that one first".formatted(id()));
            }
            reader = new Reading(node);
            return reader;
        } finally {
            lock.unlock();
        }
    }

    private void pump(OpenSerialPort port) {
        byte[] block = new byte[BLOCK];
        int filled = 0;
        try {
            while (awaitRoom(port)) {
                if (block.length - filled < LEAST_FREE) {
                    block = new byte[BLOCK];
                    filled = 0;
                }
                int count = port.read(block, filled, block.length - filled, READ_AT_MOST);
                if (count > 0) {
                    append(block, filled, count);
                    filled += count;
                }
            }
        } catch (IOException e) {
            if (isCurrent(port)) {
                fail(e);
            }
        } catch (InterruptedException _) {
            fail(new IOException("its thread was interrupted"));
        }
    }

    /** @return false once the port has ended */
    private boolean awaitRoom(OpenSerialPort port) throws InterruptedException {
        lock.lock();
        try {
            while (isCurrent(port) && buffer.size() >= LIMIT && port.holdsBack()) {
                changed.await();
            }
            return isCurrent(port);
        } finally {
            lock.unlock();
        }
    }

    private void append(byte[] block, int offset, int count) {
        lock.lock();
        try {
            buffer.append(block, offset, count);
            while (buffer.size() > LIMIT + BLOCK) {
                lost += buffer.take(buffer.size() - LIMIT - BLOCK).length();
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The one reader of a port. */
    public final class Reading implements AutoCloseable {

        private final Bytes node;

        Reading(Bytes node) {
            this.node = node;
        }

        /**
         * Waits for bytes; without any after the timeout, or once the caller wants no more.
         *
         * @throws Refused if the port has ended, or has gone to another node: then nothing was taken
         */
        public Received take(int max, Duration timeout, BooleanSupplier enough)
                throws Refused, InterruptedException {
            long left = timeout.toNanos();
            lock.lock();
            try {
                refuseIfMoved();
                while (buffer.size() == 0 && !reopened) {
                    refuseIfEnded();
                    if (enough.getAsBoolean() || left <= 0) {
                        break;
                    }
                    left = changed.awaitNanos(left);
                    refuseIfMoved();
                }
                Received data = new Received(buffer.take(max), lost, reopened);
                lost = 0;
                reopened = false;
                changed.signalAll();
                return data;
            } finally {
                lock.unlock();
            }
        }

        private void refuseIfMoved() throws Refused {
            if (moved()) {
                throw gone();
            }
        }

        /** Whether another node holds the port now. */
        public boolean moved() {
            return !lease().node().equals(node);
        }

        /** What is told to the node that held it before. */
        public Refused gone() {
            return Refused.forbidden("%s has gone to %s by a route: it comes back when that leaves"
                    .formatted(id(), lease().holder()));
        }

        /** Has {@link #take} look again whether it was enough. */
        public void wake() {
            lock.lock();
            try {
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }

        /** Keeps what could not be sent for the next reader. */
        public void putBack(Received unsent) {
            lock.lock();
            try {
                buffer.putBack(unsent.data());
                lost += unsent.lost();
                reopened |= unsent.reopened();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() {
            lock.lock();
            try {
                if (reader == this) {
                    reader = null;
                    changed.signalAll();
                }
            } finally {
                lock.unlock();
            }
        }
    }
}
