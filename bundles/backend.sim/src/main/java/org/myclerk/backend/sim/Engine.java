package org.myclerk.backend.sim;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import org.myclerk.api.payload.Bytes;
import org.myclerk.device.can.CanFrame;

/**
 * The engine control unit of a car: it tells revolutions, speed and temperatures by itself, and answers
 * questions of on-board diagnostics (SAE J1979 over ISO 15765-4).
 *
 * <pre>
 * 0C0  each tick        revolutions x4 (2 bytes), throttle % x2.55, counter 0..15, XOR of the bytes before
 * 0D0  each 5th tick    speed in km/h x100 (2 bytes)
 * 0E0  each 50th tick   coolant, oil and outside temperature, each +40 degrees Celsius
 * </pre>
 */
final class Engine implements SimCanInterface.Node {

    private static final int ALL_UNITS = 0x7DF;
    private static final int REQUEST = 0x7E0;
    private static final int RESPONSE = 0x7E8;
    private static final byte[] VIN = "WMCKSIM0000000001".getBytes();

    private final Duration tick;
    private final long begin = System.nanoTime();
    /** The rest of an answer that waits for the other side to be ready. */
    private final AtomicBoolean restWaits = new AtomicBoolean();

    /** @param tick from one message to the next, 20 ms in a car */
    Engine(Duration tick) {
        this.tick = tick;
    }

    @Override
    public void join(SimCanInterface bus, CountDownLatch until) {
        Thread.ofVirtual().name("sim-engine").start(() -> {
            try {
                for (int n = 0; !until.await(tick.toNanos(), TimeUnit.NANOSECONDS); n++) {
                    tell(bus, n);
                }
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private void tell(SimCanInterface bus, int n) {
        int revolutions = revolutions();
        byte[] data = {(byte) (revolutions * 4 >> 8), (byte) (revolutions * 4), (byte) throttle(),
                (byte) (n & 0xF), 0};
        for (int i = 0; i < 4; i++) {
            data[4] ^= data[i];
        }
        send(bus, 0x0C0, data);
        if (n % 5 == 0) {
            int speed = (int) (speed() * 100);
            send(bus, 0x0D0, (byte) (speed >> 8), (byte) speed);
        }
        if (n % 50 == 0) {
            send(bus, 0x0E0, (byte) (coolant() + 40), (byte) (coolant() + 45), (byte) (14 + 40));
        }
    }

    private static void send(SimCanInterface bus, int id, byte... data) {
        bus.deliver(CanFrame.classic(id, false, Bytes.wrap(data)));
    }

    private double seconds() {
        return (System.nanoTime() - begin) / 1e9;
    }

    /** Per minute: a driver in town. */
    private int revolutions() {
        return (int) (1500 + 650 * Math.sin(seconds() / 4) + 40 * Math.sin(seconds() * 3));
    }

    private int throttle() {
        return (int) (255 * (0.2 + 0.12 * Math.sin(seconds() / 4 + 0.5)));
    }

    /** Kilometres per hour. */
    private double speed() {
        return 35 + 14 * Math.sin(seconds() / 4 - 0.4);
    }

    /** Degrees Celsius; warm after some minutes. */
    private int coolant() {
        return (int) (90 - 72 * Math.exp(-seconds() / 90));
    }

    @Override
    public void heard(SimCanInterface bus, CanFrame frame) {
        if (frame.kind() != CanFrame.Kind.CLASSIC || frame.extended() || frame.data().isEmpty()
                || frame.id() != ALL_UNITS && frame.id() != REQUEST) {
            return;
        }
        Bytes data = frame.data();
        if ((data.at(0) & 0xF0) == 0x30) {
            if (restWaits.getAndSet(false)) {
                rest(bus);
            }
            return;
        }
        int length = data.at(0);
        if (length < 1 || length >= data.length()) {
            return;
        }
        int mode = data.at(1);
        int parameter = length > 1 ? data.at(2) & 0xFF : 0;
        switch (mode << 8 | parameter) {
            case 0x0100 -> answer(bus, 0x41, 0x00, 0x08, 0x18, 0x80, 0x00);
            case 0x0105 -> answer(bus, 0x41, 0x05, coolant() + 40);
            case 0x010C -> answer(bus, 0x41, 0x0C, revolutions() * 4 >> 8, revolutions() * 4);
            case 0x010D -> answer(bus, 0x41, 0x0D, (int) speed());
            case 0x0111 -> answer(bus, 0x41, 0x11, throttle());
            case 0x0902 -> {
                byte[] first = {0x10, (byte) (VIN.length + 3), 0x49, 0x02, 0x01, VIN[0], VIN[1], VIN[2]};
                restWaits.set(true);
                send(bus, RESPONSE, first);
            }
            default -> answer(bus, 0x7F, mode, 0x12);
        }
    }

    /** A message of one frame, padded (ISO 15765-2). */
    private static void answer(SimCanInterface bus, int... bytes) {
        byte[] data = new byte[8];
        data[0] = (byte) bytes.length;
        for (int i = 0; i < bytes.length; i++) {
            data[i + 1] = (byte) bytes[i];
        }
        send(bus, RESPONSE, data);
    }

    private static void rest(SimCanInterface bus) {
        for (int from = 3, n = 1; from < VIN.length; from += 7, n++) {
            byte[] data = new byte[8];
            data[0] = (byte) (0x20 | n);
            byte[] part = Arrays.copyOfRange(VIN, from, Math.min(VIN.length, from + 7));
            System.arraycopy(part, 0, data, 1, part.length);
            send(bus, RESPONSE, data);
        }
    }
}
