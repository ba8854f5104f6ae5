package org.myclerk.device.gpio;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.device.DeviceException;

/**
 * Lines that were requested together. Once they are watched, a platform thread waits for edges and has
 * them told in their order; what a caller does not take, and what comes while nobody serves the chip,
 * fills the kernel's buffer, and what is lost there is counted. Thread-safe.
 */
public final class UsedLines {

    private static final System.Logger LOG = System.getLogger("org.myclerk.device");
    private static final Duration WAIT_AT_MOST = Duration.ofMinutes(1);
    private static final Duration SOON = Duration.ofMillis(100);
    private static final long SEQUENCE_MASK = 0xFFFF_FFFFL;

    private final UsedChip chip;
    private final GpioRequest request;
    private final Optional<Long> safe;
    private GpioLines lines;
    private GpioSettings settings;
    private long values;
    private Thread watching;
    private volatile Caller watcher;
    private boolean closed;

    UsedLines(UsedChip chip, GpioLines lines, Optional<Long> safe) {
        this(chip, lines.request(), safe);
        this.lines = lines;
    }

    /** Waits for {@link #resume}. */
    private UsedLines(UsedChip chip, GpioRequest request, Optional<Long> safe) {
        this.chip = chip;
        this.request = request;
        this.safe = safe;
        settings = request.settings();
        values = request.values();
    }

    /** Lines as they were before this class was replaced, but for the watch. */
    static UsedLines of(UsedChip chip, Map<?, ?> state) {
        List<Integer> numbers = ((List<?>) state.get("lines")).stream().map(Integer.class::cast).toList();
        return new UsedLines(chip, new GpioRequest(numbers, GpioSettings.of((List<?>) state.get("settings")),
                (Long) state.get("values"), (String) state.get("consumer")),
                Optional.ofNullable((Long) state.get("safe")));
    }

    /** How to request the lines again, in types of the JDK; who watched them has to say so again. */
    synchronized Map<String, Object> state() {
        keepValues();
        GpioSettings unwatched = settings.watching(GpioSettings.Edge.NONE, settings.clock());
        Map<String, Object> state = new HashMap<>(Map.of("lines", numbers(), "settings", unwatched.toList(),
                "values", values, "consumer", request.consumer()));
        safe.ifPresent(it -> state.put("safe", it));
        return state;
    }

    /** The numbers of the lines, in the order in which bits stand for them. */
    public List<Integer> numbers() {
        return request.lines();
    }

    /** @throws Refused if the chip's driver is just being replaced */
    public synchronized GpioLines driver() throws Refused {
        if (lines == null) {
            throw Refused.notNow(SOON, "the driver of %s is being replaced: ask again".formatted(chip.id()));
        }
        return lines;
    }

    public synchronized GpioSettings settings() {
        return settings;
    }

    /** Tells edges to that caller from now on, instead of to another. */
    public synchronized void watch(Caller caller, GpioSettings.Edge edge, GpioSettings.Clock clock)
            throws Refused, DeviceException {
        GpioSettings wanted = settings.watching(edge, clock);
        GpioLines driver = driver();
        watcher = caller;
        if (!wanted.equals(settings)) {
            driver.configure(wanted, 0);
            settings = wanted;
        }
        if (watching == null && !closed) {
            begin(driver);
        }
    }

    private void begin(GpioLines driver) {
        watching = Thread.ofPlatform().name("gpio " + chip.id() + " " + numbers()).daemon()
                .start(() -> tell(driver));
    }

    private void tell(GpioLines driver) {
        long told = 0;
        try {
            while (true) {
                for (GpioEdge edge : driver.edges(WAIT_AT_MOST)) {
                    long lost = edge.sequence() - told - 1 & SEQUENCE_MASK;
                    if (chip.teller().tell(watcher, chip.id(), edge, lost)) {
                        told = edge.sequence();
                    }
                }
            }
        } catch (DeviceException e) {
            // Closed, or the chip is gone: whoever uses the lines next is told.
            LOG.log(System.Logger.Level.DEBUG, "no more edges of {0}: {1}", chip.id(), e.getMessage());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** The driver stops and comes back: keeps the values of outputs, and lets go of the lines. */
    synchronized void suspend() {
        if (closed || lines == null) {
            return;
        }
        keepValues();
        lines.close();
        lines = null;
        stopWatching();
    }

    private void keepValues() {
        if (lines == null || settings.direction() != GpioSettings.Direction.OUTPUT) {
            return;
        }
        try {
            values = lines.get(all());
        } catch (DeviceException e) {
            LOG.log(System.Logger.Level.WARNING, "lines {0} of {1} do not tell their values: {2}", numbers(),
                    chip.id(), e.getMessage());
        }
    }

    /** Requests the lines again as they were. */
    synchronized void resume(GpioChip driver) throws DeviceException {
        if (closed || lines != null) {
            return;
        }
        lines = driver.request(new GpioRequest(numbers(), settings, values, request.consumer()));
        if (watcher != null) {
            begin(lines);
        }
    }

    /** Sets the outputs to their safe values, as far as that was asked for, and gives the lines back. */
    synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (lines != null) {
            try {
                if (safe.isPresent()) {
                    lines.set(all(), safe.get());
                }
            } catch (DeviceException e) {
                LOG.log(System.Logger.Level.WARNING,
                        "lines {0} of {1} could not be set to their safe state: {2}",
                        numbers(), chip.id(), e.getMessage());
            }
            lines.close();
        }
        stopWatching();
    }

    private long all() {
        return -1L >>> 64 - numbers().size();
    }

    private void stopWatching() {
        if (watching != null) {
            watching.interrupt();
            watching = null;
        }
    }
}
