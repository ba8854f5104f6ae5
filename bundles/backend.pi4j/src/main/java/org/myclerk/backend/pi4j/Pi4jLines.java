package org.myclerk.backend.pi4j;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import org.myclerk.api.operation.ErrorCode;
import org.myclerk.device.DeviceException;
import org.myclerk.device.gpio.GpioEdge;
import org.myclerk.device.gpio.GpioLines;
import org.myclerk.device.gpio.GpioRequest;
import org.myclerk.device.gpio.GpioSettings;
import org.myclerk.device.gpio.GpioSettings.Clock;
import org.myclerk.device.gpio.GpioSettings.Direction;
import org.myclerk.device.gpio.GpioSettings.Edge;

import com.pi4j.context.Context;
import com.pi4j.exception.Pi4JException;
import com.pi4j.io.gpio.digital.Digital;
import com.pi4j.io.gpio.digital.DigitalInput;
import com.pi4j.io.gpio.digital.DigitalInputConfigBuilder;
import com.pi4j.io.gpio.digital.DigitalOutput;
import com.pi4j.io.gpio.digital.DigitalState;
import com.pi4j.io.gpio.digital.PullResistance;

/** Lines that were taken: an input or output of Pi4J each. */
final class Pi4jLines implements GpioLines {

    /** Edges that nobody took yet, at most; more are counted by their sequence numbers alone. */
    private static final int LIMIT = 16_384;

    private final Context context;
    private final Runnable released;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<GpioEdge> edges = new ArrayList<>();
    private final long[] lineSequences;
    private List<Digital<?, ?, ?>> pins = List.of();
    private GpioRequest request;
    private long sequence;
    private boolean closed;

    Pi4jLines(Context context, GpioRequest request, Runnable released) throws DeviceException {
        this.context = context;
        this.request = request;
        this.released = released;
        this.lineSequences = new long[request.lines().size()];
        pins = make(request.settings(), request.values());
    }

    private List<Digital<?, ?, ?>> make(GpioSettings settings, long values) throws DeviceException {
        List<Digital<?, ?, ?>> made = new ArrayList<>();
        try {
            for (int i = 0; i < request.lines().size(); i++) {
                int line = request.lines().get(i);
                made.add(settings.direction() == Direction.OUTPUT
                        ? output(line, state(settings, (values >> i & 1) != 0)) : input(line, i, settings));
            }
            return made;
        } catch (Pi4JException | IllegalArgumentException e) {
            made.forEach(Digital::close);
            throw failed("set up", e);
        }
    }

    private DigitalOutput output(int line, DigitalState state) {
        return context.create(DigitalOutput.newConfigBuilder(context).id("myclerk-" + line).bcm(line)
                .initial(state)
                .build());
    }

    private DigitalInput input(int line, int position, GpioSettings settings) {
        DigitalInputConfigBuilder builder = DigitalInput.newConfigBuilder(context).id("myclerk-" + line)
                .bcm(line)
                .debounce((long) settings.debounceMicros(), TimeUnit.MICROSECONDS);
        switch (settings.bias()) {
            case AS_IS -> { }
            case DISABLED -> builder.pull(PullResistance.OFF);
            case PULL_UP -> builder.pull(PullResistance.PULL_UP);
            case PULL_DOWN -> builder.pull(PullResistance.PULL_DOWN);
        }
        DigitalInput input = context.create(builder.build());
        if (settings.edge() != Edge.NONE) {
            input.addListener(event -> saw(position, settings, event.state()));
        }
        return input;
    }

    private void saw(int position, GpioSettings settings, DigitalState state) {
        boolean rising = state.isHigh() != settings.activeLow();
        if (settings.edge() == Edge.RISING && !rising || settings.edge() == Edge.FALLING && rising) {
            return;
        }
        lock.lock();
        try {
            sequence++;
            lineSequences[position]++;
            if (edges.size() < LIMIT) {
                edges.add(new GpioEdge(request.lines().get(position), rising, now(settings.clock()), sequence,
                        lineSequences[position]));
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    private static long now(Clock clock) {
        return clock == Clock.MONOTONIC ? System.nanoTime()
                : TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
    }

    private static DigitalState state(GpioSettings settings, boolean active) {
        return DigitalState.getState(active != settings.activeLow());
    }

    private static DeviceException failed(String doing, RuntimeException e) {
        return new DeviceException(ErrorCode.SERVICE_UNAVAILABLE,
                "Pi4J cannot %s the lines: %s".formatted(doing, e.getMessage()));
    }

    @Override
    public GpioRequest request() {
        lock.lock();
        try {
            return request;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long get(long mask) throws DeviceException {
        lock.lock();
        try {
            check();
            long values = 0;
            for (int i = 0; i < pins.size(); i++) {
                if ((mask >> i & 1) != 0 && pins.get(i).isHigh() != request.settings().activeLow()) {
                    values |= 1L << i;
                }
            }
            return values;
        } catch (Pi4JException e) {
            throw failed("read", e);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void set(long mask, long values) throws DeviceException {
        lock.lock();
        try {
            check();
            if (request.settings().direction() != Direction.OUTPUT) {
                throw new DeviceException(ErrorCode.BAD_REQUEST, "the lines are inputs");
            }
            for (int i = 0; i < pins.size(); i++) {
                if ((mask >> i & 1) != 0) {
                    ((DigitalOutput) pins.get(i)).state(state(request.settings(), (values >> i & 1) != 0));
                }
            }
        } catch (Pi4JException e) {
            throw failed("set", e);
        } finally {
            lock.unlock();
        }
    }

    /** Pi4J sets a pin up once, so that it is given back and taken again. */
    @Override
    public void configure(GpioSettings settings, long values) throws DeviceException {
        Pi4jChip.refuseWhatPi4jCannot(settings);
        lock.lock();
        try {
            check();
            pins.forEach(Digital::close);
            pins = List.of();
            request = new GpioRequest(request.lines(), settings, values, request.consumer());
            pins = make(settings, values);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public List<GpioEdge> edges(Duration timeout) throws DeviceException {
        long left = timeout.toNanos();
        lock.lock();
        try {
            while (edges.isEmpty() && left > 0) {
                check();
                left = changed.awaitNanos(left);
            }
            check();
            List<GpioEdge> taken = List.copyOf(edges);
            edges.clear();
            return taken;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            changed.signalAll();
            pins.forEach(Digital::close);
        } finally {
            lock.unlock();
        }
        released.run();
    }

    private void check() throws DeviceException {
        if (closed) {
            throw new DeviceException(ErrorCode.SERVICE_UNAVAILABLE, "the lines were given back");
        }
    }
}
