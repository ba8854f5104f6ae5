package org.myclerk.op.gpio.internal;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

import org.myclerk.api.operation.Caller;
import org.myclerk.device.DeviceException;
import org.myclerk.device.gpio.GpioEdge;
import org.myclerk.device.gpio.GpioLines;
import org.myclerk.device.gpio.GpioSettings;
import org.myclerk.op.gpio.Edge;
import org.myclerk.op.gpio.GpioEvent;
import org.myclerk.op.gpio.GpioOperations;

/**
 * Lines that were requested together. Once they are watched, a platform thread waits for edges and tells them in their
 * order; what a caller does not take fills the kernel's buffer, and what is lost there is counted.
 */
final class HeldLines {

    private static final System.Logger LOG = System.getLogger("org.myclerk.op.gpio");
    private static final Duration WAIT_AT_MOST = Duration.ofMinutes(1);
    private static final long SEQUENCE_MASK = 0xFFFF_FFFFL;

    private final String chip;
    private final GpioLines lines;
    private final Optional<Long> safe;
    private GpioSettings settings;
    private Thread watching;
    private volatile Caller watcher;
    private boolean closed;

    /** @param safe what the outputs are set to at the end */
    HeldLines(String chip, GpioLines lines, Optional<Long> safe) {
        this.chip = chip;
        this.lines = lines;
        this.safe = safe;
        settings = lines.request().settings();
    }

    List<Integer> numbers() {
        return lines.request().lines();
    }

    GpioLines driver() {
        return lines;
    }

    synchronized GpioSettings settings() {
        return settings;
    }

    /** Tells edges to that caller from now on, instead of to another. */
    synchronized void watch(Caller caller, GpioSettings.Edge edge, GpioSettings.Clock clock) throws DeviceException {
        GpioSettings wanted = settings.watching(edge, clock);
        watcher = caller;
        if (!wanted.equals(settings)) {
            lines.configure(wanted, 0);
            settings = wanted;
        }
        if (watching == null && !closed) {
            watching = Thread.ofPlatform().name("gpio " + chip + " " + numbers()).daemon().start(this::tell);
        }
    }

    private void tell() {
        long told = 0;
        try {
            while (true) {
                for (GpioEdge edge : lines.edges(WAIT_AT_MOST)) {
                    long lost = edge.sequence() - told - 1 & SEQUENCE_MASK;
                    GpioEvent event = new GpioEvent(chip, edge.line(), edge.rising() ? Edge.RISING : Edge.FALLING,
                            edge.timestampNanos(), edge.sequence(), edge.lineSequence(),
                            lost == 0 ? Optional.empty() : Optional.of(lost));
                    if (watcher.emit(GpioOperations.GPIO_EVENT, event)) {
                        told = edge.sequence();
                    }
                }
            }
        } catch (DeviceException e) {
            // Closed, or the chip is gone: whoever uses the lines next is told.
            LOG.log(System.Logger.Level.DEBUG, "no more edges of {0}: {1}", chip, e.getMessage());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Sets the outputs to their safe values, as far as that was asked for, and gives the lines back. */
    synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            if (safe.isPresent()) {
                lines.set(-1L >>> 64 - numbers().size(), safe.get());
            }
        } catch (DeviceException e) {
            LOG.log(System.Logger.Level.WARNING, "lines {0} of {1} could not be set to their safe state: {2}",
                    numbers(), chip, e.getMessage());
        }
        lines.close();
        if (watching != null) {
            watching.interrupt();
        }
    }
}
