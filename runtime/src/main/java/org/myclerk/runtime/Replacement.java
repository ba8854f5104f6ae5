package org.myclerk.runtime;

import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import org.osgi.framework.Bundle;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.BundleWiring;

/**
 * Puts other versions in the place of running bundles, under load (decision 55). While it does, a map is
 * registered as a service: it says that what goes comes back, and old versions leave in it what the next ones
 * need.
 *
 * <p>A bundle that serves operations, that nothing is wired to, and that does not ask to be alone runs beside
 * its next version for a moment: the next one is there before the old one goes, and nobody waits. All others
 * are exchanged together, and callers wait for as long as that takes.
 */
final class Replacement {

    /** Service property of the map, known to the bundles too; its value is for logs. */
    static final String REPLACING = "myclerk.replacing";

    private static final System.Logger LOG = System.getLogger(NodeMain.NAME);

    /** How the bundles that serve operations say so, and that two of their versions must not run at once. */
    private static final String OPERATION = "org.myclerk.operation";
    private static final String ALONE = "alone";

    /** How long the components of new versions may take until they work. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** A bundle that runs and the one that is to run instead; both have the same symbolic name. */
    record Pair(BundleFile before, BundleFile after) {

        @Override
        public String toString() {
            return "%s by %s".formatted(before.label(), after.version());
        }
    }

    private final NodeFramework framework;
    private final Duration patience;

    Replacement(NodeFramework framework) {
        this(framework, PATIENCE);
    }

    /** @param patience how long the components of new versions may take until they work */
    Replacement(NodeFramework framework, Duration patience) {
        this.framework = framework;
        this.patience = patience;
    }

    /**
     * Replaces bundles, all or none: if one of the new does not start or its components do not work, those
     * before run again.
     *
     * @throws Refusal why it was not done
     */
    void replace(List<Pair> pairs) throws Refusal, InterruptedException {
        if (pairs.isEmpty()) {
            return;
        }
        String what = pairs.stream().map(Pair::toString).collect(Collectors.joining(", "));
        LOG.log(Level.DEBUG, "replacing {0}", what);
        ConcurrentMap<String, Object> handedOver = new ConcurrentHashMap<>();
        ServiceRegistration<?> announced = framework.context().registerService(ConcurrentMap.class.getName(),
                handedOver, new Hashtable<>(Map.of(REPLACING, what)));
        try {
            Set<String> trouble = framework.troubles();
            exchange(pairs);
            try {
                awaitComponents(pairs, trouble);
            } catch (Refusal | InterruptedException e) {
                exchange(pairs.stream().map(pair -> new Pair(pair.after(), pair.before())).toList());
                awaitComponents(List.of(), trouble);
                throw e;
            }
        } finally {
            announced.unregister();
            handedOver.clear();
        }
    }

    /** Takes a replacement back. */
    void takeBack(List<Pair> pairs) throws Refusal, InterruptedException {
        replace(pairs.stream().map(pair -> new Pair(pair.after(), pair.before())).toList());
    }

    /** All or none, so far as starting goes. */
    private void exchange(List<Pair> pairs) throws Refusal, InterruptedException {
        List<Pair> beside = pairs.stream().filter(this::canStandBeside).toList();
        List<Pair> together = pairs.stream().filter(pair -> !beside.contains(pair)).toList();
        List<Pair> done = new ArrayList<>();
        try {
            together(together);
            done.addAll(together);
            for (Pair pair : beside) {
                beside(pair);
                done.add(pair);
            }
        } catch (Refusal | InterruptedException e) {
            together(done.reversed().stream().map(pair -> new Pair(pair.after(), pair.before())).toList());
            throw e;
        }
    }

    private boolean canStandBeside(Pair pair) {
        Bundle bundle = framework.bundle(pair.before().path());
        if (bundle == null || pair.before().version().equals(pair.after().version())) {
            return false;
        }
        List<BundleCapability> ranges = bundle.adapt(BundleRevision.class).getDeclaredCapabilities(OPERATION);
        BundleWiring wiring = bundle.adapt(BundleWiring.class);
        return !ranges.isEmpty() && Health.serves(bundle) && wiring != null && wiring.getProvidedWires(null)
                .isEmpty()
                && ranges.stream()
                .noneMatch(range -> "true".equals(String.valueOf(range.getAttributes().get(ALONE))));
    }

    /** The next version serves before the one before leaves; that one's calls end first. */
    private void beside(Pair pair) throws Refusal, InterruptedException {
        List<Path> before = List.of(pair.before().path());
        List<Path> after = List.of(pair.after().path());
        try {
            framework.install(after);
            awaitHandlers(framework.bundle(pair.after().path()));
        } catch (Refusal | InterruptedException e) {
            framework.uninstall(after);
            throw e;
        }
        framework.uninstall(before);
    }

    /** The next versions start when all before have stopped. */
    private void together(List<Pair> pairs) throws Refusal, InterruptedException {
        if (pairs.isEmpty()) {
            return;
        }
        List<Path> before = pairs.stream().map(pair -> pair.before().path()).toList();
        List<Path> after = pairs.stream().map(pair -> pair.after().path()).toList();
        try {
            framework.exchange(before, after);
        } catch (Refusal e) {
            framework.exchange(after, before);
            throw e;
        }
    }

    private void awaitHandlers(Bundle bundle) throws Refusal, InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        while (!Health.serves(bundle)) {
            Optional<Components.Trouble> trouble = framework.troubles(id -> id == bundle.getBundleId())
                    .stream().findFirst();
            if (trouble.isPresent() && trouble.get().hopeless() || System.nanoTime() > end) {
                throw new Refusal(trouble.map(Components.Trouble::line).orElseGet(() ->
                        "%s %s serves nothing".formatted(bundle.getSymbolicName(), bundle.getVersion())));
            }
            TimeUnit.MILLISECONDS.sleep(10);
        }
    }

    private void awaitComponents(List<Pair> pairs, Set<String> before) throws Refusal, InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        List<Bundle> bundles = pairs.stream().map(pair -> framework.bundle(pair.after().path())).toList();
        while (true) {
            Optional<Components.Trouble> trouble = framework.troubleBeside(before);
            Optional<String> sick = Health.complaint(framework.context(), bundles);
            if (trouble.isEmpty() && sick.isEmpty()) {
                return;
            }
            if (trouble.isPresent() && trouble.get().hopeless() || System.nanoTime() > end) {
                throw new Refusal(trouble.map(Components.Trouble::line).or(() -> sick).orElseThrow());
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }
}
