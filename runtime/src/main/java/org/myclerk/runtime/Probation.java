package org.myclerk.runtime;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import org.osgi.framework.Bundle;

/**
 * The first time of new versions, a minute if nothing else is set: their health is looked at every second,
 * and at the first complaint they go back to the versions before. One at a time; the next change ends it.
 * Thread-safe.
 */
final class Probation {

    /** Setting of the installer: how long it lasts, in seconds. */
    static final String SECONDS = "probationSeconds";

    private static final int USUAL_SECONDS = 60;
    private static final int MOST_SECONDS = 86_400;

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

    /**
     * How long it is to last; zero for not at all.
     *
     * @throws Refusal if that is no number of seconds, or too many
     */
    static Duration length(Configurations configurations) throws Refusal {
        Object set = configurations.get(Configurations.FEATURES).getOrDefault(SECONDS, USUAL_SECONDS);
        if (set.toString().matches("\\d{1,5}") && Integer.parseInt(set.toString()) <= MOST_SECONDS) {
            return Duration.ofSeconds(Integer.parseInt(set.toString()));
        }
        throw new Refusal("%s %s must be a whole number from 0 to %d, not \"%s\"".formatted(
                Configurations.FEATURES, SECONDS, MOST_SECONDS, set));
    }

    /**
     * Begins to watch bundles that were just put in the place of others; not those that it had put back
     * itself.
     */
    synchronized void begin(List<Replacement.Pair> pairs, Duration length) {
        if (watching == Thread.currentThread()) {
            return;
        }
        end();
        List<Bundle> bundles = pairs.stream().map(pair -> framework.bundle(pair.after().path()))
                .filter(Objects::nonNull).toList();
        if (!bundles.isEmpty() && !length.isZero()) {
            Set<String> known = framework.troubles();
            watching = Thread.ofVirtual().name("myclerk-probation")
                    .start(() -> watch(bundles, known, length));
        }
    }

    /** Ends it: another change begins, or the node stops. */
    synchronized void end() {
        if (watching != null && watching != Thread.currentThread()) {
            watching.interrupt();
            watching = null;
        }
    }

    private void watch(List<Bundle> bundles, Set<String> known, Duration length) {
        long end = System.nanoTime() + length.toNanos();
        try {
            while (System.nanoTime() < end) {
                Optional<String> complaint = Health.complaint(framework.context(), bundles).or(() ->
                        framework.troubleBeside(known).map(Components.Trouble::line));
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
