package org.myclerk.backend.jserialcomm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

import com.fazecast.jSerialComm.SerialPort;
import com.fazecast.jSerialComm.SerialPortInvalidPortException;

import org.myclerk.api.payload.Bytes;
import org.myclerk.device.serial.OpenSerialPort;
import org.myclerk.device.serial.SerialLines;
import org.myclerk.device.serial.SerialSettings;

/**
 * A port of this machine in use.
 *
 * <p>Reads wait in the kernel (VTIME) for {@value #WAIT_MS} ms at a time: the reader notices at the latest
 * then that the port was closed. Writes run on a thread of the port's own, because a line that is held back
 * blocks in the kernel and would take a carrier of virtual threads with it; that thread ends when nothing was
 * written for a while. The lock keeps the port's settings together and is held while the kernel takes them.
 */
final class OpenJSerialCommPort implements OpenSerialPort {

    private static final int WAIT_MS = 1_000;
    private static final int CHUNK = 16_384;
    private static final int DRAIN_LOOK_MS = 5;
    private static final int PSEUDO_DRAIN_MS = 200;

    private final Path path;
    private final boolean wire;
    private final SerialPort port;
    private final ReentrantLock lock = new ReentrantLock();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final ExecutorService writer;
    private final byte[] chunk = new byte[CHUNK];
    private volatile SerialSettings settings;
    private volatile long lastWrite;
    private volatile boolean written;

    OpenJSerialCommPort(Path path, SerialSettings settings, boolean wire) throws IOException {
        this.path = path;
        this.wire = wire;
        this.settings = settings;
        // A folder of our own for its native library, so that other programs' versions do not clear it away.
        if (System.getProperty("fazecast.jSerialComm.appid") == null) {
            System.setProperty("fazecast.jSerialComm.appid", "myclerk");
        }
        try {
            port = SerialPort.getCommPort(path.toString());
        } catch (SerialPortInvalidPortException e) {
            throw new IOException("%s is no serial port".formatted(path), e);
        }
        apply(settings);
        port.setComPortTimeouts(SerialPort.TIMEOUT_READ_SEMI_BLOCKING | SerialPort.TIMEOUT_WRITE_BLOCKING,
                WAIT_MS, 0);
        if (!port.openPort(0)) {
            throw failure("opening");
        }
        ThreadPoolExecutor one = new ThreadPoolExecutor(1, 1, 5, TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform().name("serial write " + path).daemon().factory());
        one.allowCoreThreadTimeOut(true);
        writer = one;
    }

    @Override
    public SerialSettings settings() {
        return settings;
    }

    @Override
    public void configure(SerialSettings wanted) throws IOException {
        lock.lock();
        try {
            checkOpen();
            if (!apply(wanted)) {
                IOException refused = failure("setting " + wanted);
                apply(settings);
                throw refused;
            }
            settings = wanted;
        } finally {
            lock.unlock();
        }
    }

    /** Before the port is open the values are only kept; afterwards the kernel is asked. */
    private boolean apply(SerialSettings wanted) {
        int stopBits = switch (wanted.stopBits()) {
            case ONE -> SerialPort.ONE_STOP_BIT;
            case ONE_AND_A_HALF -> SerialPort.ONE_POINT_FIVE_STOP_BITS;
            case TWO -> SerialPort.TWO_STOP_BITS;
        };
        int parity = switch (wanted.parity()) {
            case NONE -> SerialPort.NO_PARITY;
            case ODD -> SerialPort.ODD_PARITY;
            case EVEN -> SerialPort.EVEN_PARITY;
            case MARK -> SerialPort.MARK_PARITY;
            case SPACE -> SerialPort.SPACE_PARITY;
        };
        int flow = switch (wanted.flowControl()) {
            case NONE -> SerialPort.FLOW_CONTROL_DISABLED;
            case RTS_CTS -> SerialPort.FLOW_CONTROL_RTS_ENABLED | SerialPort.FLOW_CONTROL_CTS_ENABLED;
            case XON_XOFF -> SerialPort.FLOW_CONTROL_XONXOFF_IN_ENABLED
                    | SerialPort.FLOW_CONTROL_XONXOFF_OUT_ENABLED;
        };
        boolean done = port.setComPortParameters(wanted.baud(), wanted.dataBits(), stopBits, parity)
                && port.setFlowControl(flow);
        if (wanted.rs485().isPresent()) {
            SerialSettings.Rs485 rs485 = wanted.rs485().get();
            return done && port.setRs485ModeParameters(true, rs485.rtsActiveHigh(), rs485.termination(),
                    rs485.receiveWhileSending(), rs485.delayBeforeMicros(), rs485.delayAfterMicros());
        }
        return done && (settings.rs485().isEmpty() || port.disableRs485ModeControl());
    }

    @Override
    public boolean holdsBack() {
        return !wire || settings.flowControl() != SerialSettings.FlowControl.NONE;
    }

    @Override
    public int read(byte[] into, int offset, int length, Duration timeout) throws IOException {
        long end = System.nanoTime() + timeout.toNanos();
        do {
            long before = System.nanoTime();
            checkOpen();
            int count = port.readBytes(into, length, offset);
            if (count > 0) {
                return count;
            }
            checkOpen();
            if (count < 0) {
                throw failure("reading");
            }
            // A line that was hung up gives nothing at once, again and again.
            if (System.nanoTime() - before < WAIT_MS * 500_000L
                    && (port.bytesAvailable() < 0 || !Files.exists(path))) {
                throw new IOException("the line was hung up");
            }
        } while (System.nanoTime() < end);
        return 0;
    }

    @Override
    public void write(Bytes data) throws IOException, InterruptedException {
        CompletableFuture<Void> done = new CompletableFuture<>();
        try {
            writer.execute(() -> {
                try {
                    writeAll(data, done);
                    done.complete(null);
                } catch (IOException | RuntimeException e) {
                    done.completeExceptionally(e);
                }
            });
            done.get();
        } catch (RejectedExecutionException e) {
            throw new IOException("the port is closed", e);
        } catch (InterruptedException e) {
            done.cancel(false);
            throw e;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException failed ? new IOException(failed.getMessage(), failed)
                    : new IOException(e.getCause());
        }
    }

    /**
     * On the writer's thread. What a caller no longer waits for stops after the piece that is with the
     * kernel.
     */
    private void writeAll(Bytes data, CompletableFuture<Void> waiting) throws IOException {
        int done = 0;
        while (done < data.length() && !waiting.isCancelled()) {
            int size = Math.min(CHUNK, data.length() - done);
            data.slice(done, size).copyTo(chunk, 0);
            checkOpen();
            int accepted = port.writeBytes(chunk, size, 0);
            checkOpen();
            if (accepted <= 0) {
                throw failure("writing");
            }
            done += accepted;
            lastWrite = System.nanoTime();
            written = true;
        }
    }

    @Override
    public boolean drain(Duration timeout) throws IOException, InterruptedException {
        if (!wire) {
            return drainPseudoTerminal();
        }
        long end = System.nanoTime() + timeout.toNanos();
        while (true) {
            checkOpen();
            int waiting = port.bytesAwaitingWrite();
            if (waiting < 0) {
                throw failure("draining");
            }
            if (waiting == 0) {
                return true;
            }
            if (System.nanoTime() >= end) {
                return false;
            }
            // The kernel tells nobody when the last bit has left: look again soon.
            closed.await(DRAIN_LOOK_MS, TimeUnit.MILLISECONDS);
        }
    }

    /**
     * The kernel does not tell what the other end of a pseudo-terminal has not read yet, and jSerialComm
     * throws that away when it closes: the other end gets a moment for it.
     */
    private boolean drainPseudoTerminal() throws IOException, InterruptedException {
        long left = lastWrite + PSEUDO_DRAIN_MS * 1_000_000L - System.nanoTime();
        if (written && left > 0) {
            closed.await(left, TimeUnit.NANOSECONDS);
        }
        checkOpen();
        return true;
    }

    @Override
    public void setLines(Optional<Boolean> dtr, Optional<Boolean> rts) throws IOException {
        lock.lock();
        try {
            checkOpen();
            boolean done = dtr.isEmpty() || (dtr.get() ? port.setDTR() : port.clearDTR());
            done &= rts.isEmpty() || (rts.get() ? port.setRTS() : port.clearRTS());
            if (!done) {
                throw failure("setting the control lines");
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public SerialLines lines() throws IOException {
        lock.lock();
        try {
            checkOpen();
            return new SerialLines(port.getDTR(), port.getRTS(), port.getCTS(), port.getDSR(), port.getDCD(),
                    port.getRI());
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void sendBreak(Duration duration) throws IOException, InterruptedException {
        checkOpen();
        if (!port.setBreak()) {
            throw failure("sending a break");
        }
        try {
            closed.await(duration.toNanos(), TimeUnit.NANOSECONDS);
        } finally {
            if (closed.getCount() > 0) {
                port.clearBreak();
            }
        }
        checkOpen();
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (closed.getCount() == 0) {
                return;
            }
            closed.countDown();
            writer.shutdown();
            port.closePort();
        } finally {
            lock.unlock();
        }
    }

    private void checkOpen() throws IOException {
        if (closed.getCount() == 0) {
            throw new IOException("the port is closed");
        }
    }

    private IOException failure(String doing) {
        int errno = port.getLastErrorCode();
        String reason = switch (errno) {
            case 1, 13 -> "permission denied";
            case 2, 6, 19 -> "no such device";
            case 5 -> "input/output error, as after unplugging";
            case 11, 16 -> "used by another program";
            case 22, 95 -> "the port cannot do that";
            case 25 -> "not a port of that kind";
            default -> "error";
        };
        return new IOException("%s %s failed: %s (errno %d)".formatted(doing, path, reason, errno));
    }
}
