package org.myclerk.runtime;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import org.osgi.framework.Bundle;

/**
 * The first minute of new versions: their health is looked at every second, and at the first complaint they go back to
 * the versions before. One at a time; the next change ends it. Thread-safe.
 */
final class Probation {

    /** How long it lasts when nothing else is configured. */
    static final Duration USUAL = Duration.ofSeconds(60);

    private static final System.Logger LOG = System.getLogger(NodeMain.NAME);
    private static final long LOOK_MILLIS = 1_000;

    private final NodeFramework framework;
    private final Consumer<String> goBack;
    private Thread watching;

    /** @param goBack is told why the last change is to be taken back, on a thread of its own */
    Probation(NodeFramework framework, Consumer<String> goBack) {
        this.framework = framework;
        this.goBack = goBack;
    }

    /** Begins to watch bundles that were just put in the place of others; not those that it had put back itself. */
    synchronized void begin(List<Replacement.Pair> pairs, Duration length) {
        if (watching == Thread.currentThread()) {
            return;
        }
        end();
        List<Bundle> bundles = pairs.stream().map(pair -> framework.bundle(pair.after().path()))
                .filter(Objects::nonNull).toList();
        if (!bundles.isEmpty() && !length.isZero()) {
            Optional<String> known = framework.trouble().map(Components.Trouble::line);
            watching = Thread.ofVirtual().name("myclerk-probation").start(() -> watch(bundles, known, length));
        }
    }

    /** Ends it: another change begins, or the node stops. */
    synchronized void end() {
        if (watching != null && watching != Thread.currentThread()) {
            watching.interrupt();
            watching = null;
        }
    }

    private void watch(List<Bundle> bundles, Optional<String> known, Duration length) {
        long end = System.nanoTime() + length.toNanos();
        try {
            while (System.nanoTime() < end) {
                Optional<String> complaint = Health.complaint(framework.context(), bundles).or(() ->
                        framework.trouble().map(Components.Trouble::line).filter(line -> !known.equals(Optional.of(line))));
                if (complaint.isPresent()) {
                    LOG.log(Level.WARNING, "{0}; going back to the version before", complaint.get());
                    goBack.accept(complaint.get());
                    return;
                }
                TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
            }
        } catch (InterruptedException | IllegalStateException over) {
            LOG.log(Level.DEBUG, "probation ended early");
        }
    }
}
