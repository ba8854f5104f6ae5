package org.myclerk.backend.sim;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.payload.Fields;
import org.myclerk.device.DeviceException;
import org.myclerk.device.gpio.GpioChip;
import org.myclerk.device.gpio.GpioEdge;
import org.myclerk.device.gpio.GpioLineInfo;
import org.myclerk.device.gpio.GpioLines;
import org.myclerk.device.gpio.GpioRequest;
import org.myclerk.device.gpio.GpioSettings;
import org.myclerk.device.gpio.GpioSettings.Direction;
import org.myclerk.device.gpio.GpioSettings.Edge;

/**
 * A GPIO chip of eight lines. Line 0 is a button that somebody presses for one interval in five, line 1 an
 * LED, line 2 a fan; what line 4 puts out comes in at line 5 over a wire; line 7 belongs to the board. One
 * lock guards it.
 */
final class SimGpioChip implements GpioChip, SimDevice {

    private static final int LINES = 8;
    private static final int BUTTON = 0;
    private static final int WIRE_FROM = 4;
    private static final int WIRE_TO = 5;
    private static final int BOARD = 7;
    private static final int PRESSED_EVERY = 5;
    /** As many edges wait as the kernel lets wait at most. */
    private static final int MOST_EDGES = 1024;
    private static final List<String> NAMES = List.of("button", "led", "fan", "", "wire-out", "wire-in", "",
            "power");

    private final String id;
    private final InstantSource clock;
    private final Duration interval;
    private final Faults faults;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final boolean[] levels = new boolean[LINES];
    private final Lines[] users = new Lines[LINES];
    private final Direction[] directions = new Direction[LINES];
    private boolean unplugged;

    /** @param interval how long the button is pressed */
    SimGpioChip(String id, InstantSource clock, Duration interval, Faults faults) {
        this.id = id;
        this.clock = clock;
        this.interval = interval;
        this.faults = faults;
        Arrays.fill(directions, Direction.INPUT);
        directions[BOARD] = Direction.OUTPUT;
        levels[BOARD] = true;
    }

    @Override
    public Fields properties() {
        return Fields.of(Map.of("lines", LINES));
    }

    @Override
    public void plug() {
        lock.lock();
        try {
            unplugged = false;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void unplug() {
        lock.lock();
        try {
            unplugged = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String name() {
        return id;
    }

    @Override
    public String label() {
        return "simulated";
    }

    @Override
    public boolean immediate() {
        return true;
    }

    @Override
    public int lines() {
        return LINES;
    }

    @Override
    public GpioLineInfo info(int line) throws DeviceException {
        lock.lock();
        try {
            checkPlugged();
            if (line == BOARD) {
                return new GpioLineInfo(line, NAMES.get(line), "power-led", true, settings(Direction.OUTPUT));
            }
            Lines user = users[line];
            return new GpioLineInfo(line, NAMES.get(line), user == null ? "" : user.request.consumer(),
                    user != null, user == null ? settings(directions[line])
                    : shown(user.settings, directions[line]));
        } finally {
            lock.unlock();
        }
    }

    private static GpioSettings settings(Direction direction) {
        return shown(GpioSettings.INPUT, direction);
    }

    private static GpioSettings shown(GpioSettings settings, Direction direction) {
        return new GpioSettings(direction, settings.activeLow(), settings.bias(), settings.drive(),
                settings.edge(),
                settings.clock(), settings.debounceMicros());
    }

    @Override
    public GpioLines request(GpioRequest request) throws DeviceException {
        lock.lock();
        try {
            checkPlugged();
            for (int line : request.lines()) {
                if (line == BOARD || users[line] != null) {
                    throw new DeviceException(ErrorCode.SERVICE_UNAVAILABLE,
                            "%s: line %d is held by \"%s\": Device or resource busy (simulated)".formatted(id,
                            line, info(line).consumer()));
                }
            }
            Lines lines = new Lines(request);
            for (int line : request.lines()) {
                users[line] = lines;
            }
            lines.apply(request.settings(), request.values());
            return lines;
        } finally {
            lock.unlock();
        }
    }

    private void checkPlugged() throws DeviceException {
        if (unplugged) {
            throw new DeviceException(ErrorCode.NOT_FOUND, "%s: No such device (simulated)".formatted(id));
        }
    }

    /** The level of the wire. */
    private boolean level(int line) {
        return line == BUTTON ? pressed(turn()) : levels[line];
    }

    private long turn() {
        return clock.millis() / Math.max(1, interval.toMillis());
    }

    private static boolean pressed(long turn) {
        return Math.floorMod(turn, PRESSED_EVERY) == 0;
    }

    private void drive(int line, boolean level) {
        levels[line] = level;
        if (line == WIRE_FROM && levels[WIRE_TO] != level) {
            levels[WIRE_TO] = level;
            if (users[WIRE_TO] != null) {
                users[WIRE_TO].sees(WIRE_TO, level);
            }
        }
    }

    /** Lines that were taken; the chip's lock guards them. */
    private final class Lines implements GpioLines {

        private final GpioRequest request;
        private final List<GpioEdge> waiting = new ArrayList<>();
        private final long[] lineSequences = new long[LINES];
        private GpioSettings settings;
        private long sequence;
        /** The turn of the button that was looked at last. */
        private long seen = turn();
        private boolean closed;

        Lines(GpioRequest request) {
            this.request = request;
            settings = request.settings();
        }

        @Override
        public GpioRequest request() {
            return request;
        }

        @Override
        public long get(long mask) throws DeviceException {
            lock.lock();
            try {
                check();
                long bits = 0;
                for (int i = 0; i < request.lines().size(); i++) {
                    bits |= level(request.lines().get(i)) ^ settings.activeLow() ? 1L << i : 0;
                }
                return bits & mask;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void set(long mask, long values) throws DeviceException {
            faults.write();
            lock.lock();
            try {
                check();
                for (int i = 0; i < request.lines().size(); i++) {
                    if ((mask >> i & 1) != 0) {
                        if (directions[request.lines().get(i)] != Direction.OUTPUT) {
                            throw new DeviceException(ErrorCode.FORBIDDEN,
                                    "%s: Operation not permitted (simulated)".formatted(id));
                        }
                        drive(request.lines().get(i), (values >> i & 1) != 0 ^ settings.activeLow());
                    }
                }
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void configure(GpioSettings wanted, long values) throws DeviceException {
            lock.lock();
            try {
                check();
                apply(wanted, values);
            } finally {
                lock.unlock();
            }
        }

        private void apply(GpioSettings wanted, long values) {
            settings = wanted;
            seen = turn();
            for (int i = 0; i < request.lines().size(); i++) {
                int line = request.lines().get(i);
                if (wanted.direction() != Direction.AS_IS) {
                    directions[line] = wanted.direction();
                }
                if (wanted.direction() == Direction.OUTPUT) {
                    drive(line, (values >> i & 1) != 0 ^ wanted.activeLow());
                }
            }
        }

        @Override
        public List<GpioEdge> edges(Duration timeout) throws DeviceException {
            long left = timeout.toNanos();
            lock.lock();
            try {
                while (true) {
                    check();
                    lookAtButton();
                    if (!waiting.isEmpty() || left <= 0) {
                        List<GpioEdge> edges = List.copyOf(waiting);
                        waiting.clear();
                        return edges;
                    }
                    long before = System.nanoTime();
                    changed.awaitNanos(request.lines().contains(BUTTON) ? Math.min(left, interval.toNanos())
                            : left);
                    left -= System.nanoTime() - before;
                }
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                throw new DeviceException(ErrorCode.SERVICE_UNAVAILABLE, id + ": interrupted");
            } finally {
                lock.unlock();
            }
        }

        private void lookAtButton() {
            long now = turn();
            while (seen < now) {
                seen++;
                if (request.lines().contains(BUTTON) && pressed(seen) != pressed(seen - 1)) {
                    sees(BUTTON, pressed(seen));
                }
            }
        }

        /** The level of one of its lines has changed. */
        private void sees(int line, boolean level) {
            boolean rising = level ^ settings.activeLow();
            if (settings.edge() != Edge.BOTH && settings.edge() != (rising ? Edge.RISING : Edge.FALLING)) {
                return;
            }
            long time = settings.clock() == GpioSettings.Clock.REALTIME ? clock.millis() * 1_000_000
                    : System.nanoTime();
            if (waiting.size() == MOST_EDGES) {
                waiting.removeFirst();
            }
            waiting.add(new GpioEdge(line, rising, time, ++sequence, ++lineSequences[line]));
            changed.signalAll();
        }

        private void check() throws DeviceException {
            checkPlugged();
            if (closed) {
                throw new DeviceException(ErrorCode.SERVICE_UNAVAILABLE, id + ": the lines were given back");
            }
        }

        @Override
        public void close() {
            lock.lock();
            try {
                if (!closed) {
                    closed = true;
                    request.lines().forEach(line -> users[line] = null);
                    changed.signalAll();
                }
            } finally {
                lock.unlock();
            }
        }
    }
}
