package org.myclerk.backend.sim;

import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;

import org.myclerk.api.device.Configurable;
import org.myclerk.api.device.Setting;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Fields;
import org.myclerk.device.serial.OpenSerialPort;
import org.myclerk.device.serial.SerialLines;
import org.myclerk.device.serial.SerialPort;
import org.myclerk.device.serial.SerialSettings;

/** A serial port without hardware: the other end of its cable is another program part. */
final class SimSerialPort implements SerialPort, SimDevice, Configurable {

    /** What the port's cable leads to. Its methods are called on the port's users' threads. */
    interface FarEnd {

        /** The port was opened; the far end may send to it until it is closed. */
        void opened(Opened port);

        void closed(Opened port);

        /** Takes what the port sends; may wait. */
        void received(Opened port, Bytes data) throws IOException, InterruptedException;

        /** The lines that come from the far end: CTS, DSR, DCD, RI; the outgoing ones are left as given. */
        SerialLines lines(boolean dtr, boolean rts);

        /** Whether it stops sending when the port is not read. */
        boolean holdsBack();

        /** What can be set of it. */
        default List<Setting> settings() {
            return List.of();
        }

        default Fields values() {
            return Fields.NONE;
        }

        /** Sets some, of the types of their settings. */
        default void configure(Map<String, Object> values) {
            throw new IllegalArgumentException("nothing can be set");
        }
    }

    private final FarEnd farEnd;
    private final Faults faults;
    private final AtomicReference<Opened> user = new AtomicReference<>();
    private volatile boolean unplugged;

    SimSerialPort(FarEnd farEnd, Faults faults) {
        this.farEnd = farEnd;
        this.faults = faults;
    }

    @Override
    public List<Setting> settings() {
        return farEnd.settings();
    }

    @Override
    public Fields values() {
        return farEnd.values();
    }

    @Override
    public void configure(Fields values) {
        farEnd.configure(values.toMap());
    }

    @Override
    public Fields properties() {
        return SerialPort.super.properties();
    }

    @Override
    public Set<Feature> features() {
        return EnumSet.allOf(Feature.class);
    }

    @Override
    public OpenSerialPort open(SerialSettings settings) throws IOException {
        if (unplugged) {
            throw new IOException("No such device (simulated)");
        }
        Opened opened = new Opened(settings);
        if (!user.compareAndSet(null, opened)) {
            throw new IOException("Device or resource busy (simulated)");
        }
        if (unplugged) {
            unplug();
            throw new IOException("No such device (simulated)");
        }
        farEnd.opened(opened);
        return opened;
    }

    @Override
    public void unplug() {
        unplugged = true;
        Opened opened = user.get();
        if (opened != null) {
            opened.end("No such device (simulated)");
        }
    }

    @Override
    public void plug() {
        unplugged = false;
    }

    /** The port in use. */
    final class Opened implements OpenSerialPort {

        private final Line incoming = new Line();
        private final ReentrantLock turn = new ReentrantLock();
        private final CountDownLatch ended = new CountDownLatch(1);
        private volatile SerialSettings settings;
        private volatile boolean dtr = true;
        private volatile boolean rts = true;
        private volatile String reason;

        Opened(SerialSettings settings) {
            this.settings = settings;
        }

        /** Where the far end puts what it sends. */
        Line incoming() {
            return incoming;
        }

        boolean dtr() {
            return dtr;
        }

        boolean rts() {
            return rts;
        }

        /** @return false if the port was closed meanwhile */
        boolean lasts(Duration time) throws InterruptedException {
            return !ended.await(time.toNanos(), TimeUnit.NANOSECONDS);
        }

        @Override
        public SerialSettings settings() {
            return settings;
        }

        @Override
        public void configure(SerialSettings changed) throws IOException {
            check();
            settings = changed;
        }

        @Override
        public boolean holdsBack() {
            return farEnd.holdsBack();
        }

        @Override
        public int read(byte[] into, int offset, int length, Duration timeout)
                throws IOException, InterruptedException {
            return incoming.take(into, offset, length, timeout);
        }

        @Override
        public void write(Bytes data) throws IOException, InterruptedException {
            turn.lockInterruptibly();
            try {
                check();
                faults.write();
                if (!faults.latency().isZero() && !lasts(faults.latency())) {
                    check();
                }
                farEnd.received(this, data);
            } finally {
                turn.unlock();
            }
        }

        @Override
        public boolean drain(Duration timeout) throws IOException {
            check();
            return true;
        }

        @Override
        public void setLines(Optional<Boolean> newDtr, Optional<Boolean> newRts) throws IOException {
            check();
            dtr = newDtr.orElse(dtr);
            rts = newRts.orElse(rts);
        }

        @Override
        public SerialLines lines() throws IOException {
            check();
            return farEnd.lines(dtr, rts);
        }

        @Override
        public void sendBreak(Duration duration) throws IOException, InterruptedException {
            check();
            if (!lasts(duration)) {
                check();
            }
        }

        @Override
        public void close() {
            end("the port is closed");
        }

        private void end(String why) {
            if (reason == null) {
                reason = why;
            }
            incoming.breakOff(why);
            ended.countDown();
            if (user.compareAndSet(this, null)) {
                farEnd.closed(this);
            }
        }

        private void check() throws IOException {
            if (reason != null) {
                throw new IOException(reason);
            }
        }
    }
}
