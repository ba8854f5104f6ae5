package org.myclerk.runtime;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Collectors;

import org.osgi.framework.Bundle;

/**
 * Installs, upgrades and removes features while the node runs. Every change is planned and resolved as a
 * whole before the first bundle is touched, then made, watched until its components work, and only then
 * written down: a crash before that leaves what was, a failure is taken back.
 *
 * <p>Thread-safe: one change at a time.
 */
final class Installer {

    private static final System.Logger LOG = System.getLogger(NodeMain.NAME);

    /** How long the components of a change may take until they work. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** How long a change waits for the one before it. */
    private static final Duration WAITING = Duration.ofMinutes(1);

    /**
     * Makes the configurations of a selection effective, with the home's and the command line's above them.
     */
    interface Configurer {

        void configure(Features.Selection selection) throws Refusal;
    }

    /**
     * What a change does to the bundles.
     *
     * @param added in the order to be started
     */
    private record Plan(Features.Selection selection, List<BundleFile> added, List<Replacement.Pair> replaced,
            List<BundleFile> removed) { }

    private final ReentrantLock changing = new ReentrantLock();
    private final Path home;
    private final Features features;
    private final NodeFramework framework;
    private final Replacement replacement;
    private final Vendors vendors;
    private final Probation probation;
    private final Configurer configurer;
    private final InstantSource clock = InstantSource.system();
    private final Map<Path, String> leftOut = new ConcurrentHashMap<>();
    private final Set<Path> outside = ConcurrentHashMap.newKeySet();
    private volatile Installed installed;

    Installer(Path home, Features features, Installed installed, NodeFramework framework,
            Configurer configurer) {
        this.home = home;
        this.features = features;
        this.installed = installed;
        this.framework = framework;
        this.replacement = new Replacement(framework);
        this.vendors = new Vendors(home);
        this.probation = new Probation(framework, this::goBack);
        this.configurer = configurer;
    }

    Installed installed() {
        return installed;
    }

    Vendors vendors() {
        return vendors;
    }

    /** What runs by what is installed. */
    Features.Selection selection() throws Refusal {
        return features.select(installed);
    }

    Features features() {
        return features;
    }

    List<BundleFile> bundles() {
        return framework.bundles();
    }

    /** Makes the home's configuration effective after it was changed. */
    void configure() throws Refusal, IOException, InterruptedException {
        exclusively(() -> configurer.configure(selection()));
    }

    /**
     * Starts the bundles of a selection. One from outside that does not fit into this distribution is left
     * out, and said to be: the node of a family is there without it.
     *
     * @throws Refusal naming the bundle that does not resolve or start, if the distribution has one of its
     *     name
     */
    void start(Features.Selection selection) throws Refusal {
        Map<String, Path> kept = new HashMap<>();
        for (Path jar : selection.bundles()) {
            if (jar.startsWith(Installed.folder(home))) {
                kept.put(BundleFile.read(jar).symbolicName(), jar);
            }
        }
        if (!kept.isEmpty()) {
            features.distributed().values()
                    .forEach(feature -> feature.bundles().forEach(item -> kept.remove(item.name())));
        }
        outside.addAll(kept.values());
        leftOut.putAll(framework.install(selection.bundles(), outside::contains));
        leftOut.values().forEach(why -> LOG.log(Level.ERROR, "{0}; the node runs without it", why));
    }

    /** What keeps the components of bundles from working that the node does not start without. */
    Optional<Components.Trouble> trouble() {
        Set<Long> dispensable = ids(outside);
        return framework.troubles(id -> !dispensable.contains(id)).stream().findFirst();
    }

    /** Whether components of bundles from outside do not work. */
    boolean lacksOutside() {
        return !troubles(outside).isEmpty();
    }

    private List<Components.Trouble> troubles(Collection<Path> jars) {
        Set<Long> asked = ids(jars);
        return asked.isEmpty() ? List.of() : framework.troubles(asked::contains);
    }

    /** Why components of bundles do not work, a line each, and which feature has what they wait for. */
    private List<String> complaints(Collection<Path> jars) throws Refusal {
        var lines = new ArrayList<String>();
        for (Components.Trouble trouble : troubles(jars)) {
            Optional<String> feature = trouble.service().isEmpty() ? Optional.empty()
                    : Resolution.offering(trouble.service().get(), elsewhere(selection()));
            lines.add(feature.map(name -> trouble.what() + Resolution.remedy(name)).orElseGet(trouble::line));
        }
        return lines;
    }

    private Set<Long> ids(Collection<Path> jars) {
        return jars.stream().map(framework::bundle).filter(Objects::nonNull).map(Bundle::getBundleId)
                .collect(Collectors.toSet());
    }

    /** Why a feature does not run though it is installed; empty if it does. */
    String problem(Feature feature) throws Refusal {
        if (installed.pinned(feature.name()).isEmpty()) {
            return "";
        }
        List<Path> jars = features.jars(feature, installed);
        List<String> reasons = new ArrayList<>(complaints(jars));
        jars.stream().filter(jar -> framework.bundle(jar) == null).map(leftOut::get).filter(Objects::nonNull)
                .forEach(reasons::add);
        return String.join("; ", reasons);
    }

    /** Writes down what runs, now that it does, and clears away what an earlier run broke off. */
    void begin() throws IOException, Refusal {
        complaints(outside).forEach(why -> LOG.log(Level.ERROR, "{0}; the node runs without it", why));
        Probation.length(framework.configured());
        installed.tidy(home);
        if (Installed.read(home).filter(installed::isSame).isEmpty()) {
            installed.write(home);
        }
    }

    /**
     * Installs features of the distribution.
     *
     * @param progress is told each step, on the caller's thread
     * @throws Refusal why it was refused or taken back
     * @throws IOException if the state cannot be written
     */
    void install(List<String> names, Consumer<String> progress)
            throws Refusal, IOException, InterruptedException {
        exclusively(() -> {
            progress.accept("checking");
            var chosen = new LinkedHashSet<>(installed.chosen());
            if (names.stream().noneMatch(chosen::add)) {
                throw new Refusal("installed already: " + String.join(", ", names));
            }
            change("install " + String.join(", ", names), List.copyOf(chosen), installed.pinned(), progress);
        });
    }

    /**
     * Installs or upgrades features from files: a bundle, or a feature file with its bundles or those of the
     * distribution. They are copied into the home.
     *
     * @param group the first part of the ids of features that are made of a bundle; tells where they came
     *     from
     * @param unsignedToo whether bundles without a trusted signature are taken
     * @throws Refusal if a file is damaged, not trusted, older than what is there, or the whole does not
     *     resolve
     */
    void install(List<Path> files, String group, boolean unsignedToo, Consumer<String> progress)
            throws Refusal, IOException, InterruptedException {
        exclusively(() -> {
            progress.accept("checking");
            var outside = new LinkedHashMap<Path, BundleFile>();
            var wanted = new ArrayList<Feature>();
            for (Path file : files) {
                if (file.toString().endsWith(".json")) {
                    wanted.add(Feature.read(file));
                } else {
                    outside.put(file, BundleFile.read(file));
                }
            }
            Map<String, Path> byName = new HashMap<>();
            outside.forEach((file, _) -> byName.put(file.getFileName().toString(), file));
            outside.values().stream().filter(bundle -> wanted.stream()
                    .noneMatch(feature -> feature.bundles().stream()
                    .anyMatch(item -> item.file().equals(bundle.path().getFileName().toString()))))
                    .map(bundle -> Feature.of(bundle, group)).toList().forEach(wanted::add);
            Map<String, BundleFile> running = byName(framework.bundles());
            for (BundleFile bundle : outside.values()) {
                check(bundle, Optional.ofNullable(running.get(bundle.symbolicName())), unsignedToo);
            }
            var pinned = new ArrayList<>(installed.pinned());
            var chosen = new LinkedHashSet<>(installed.chosen());
            for (Feature feature : wanted) {
                pinned.removeIf(old -> old.name().equals(feature.name()));
                pinned.add(feature.with(keep(feature, byName, progress)));
                chosen.add(feature.name());
            }
            change("install " + String.join(", ", wanted.stream().map(Feature::label).toList()),
                    List.copyOf(chosen),
                    pinned, progress);
        });
    }

    private void check(BundleFile bundle, Optional<BundleFile> running, boolean unsignedToo) throws Refusal {
        vendors.check(bundle, running.map(BundleFile::path), unsignedToo);
        if (running.isPresent() && bundle.version().compareTo(running.get().version()) < 0) {
            throw new Refusal(
                    "%s is older than %s, which runs; to go back: myclerk features rollback, or remove it "
                    .formatted(bundle.label(), running.get().version()) + "first");
        }
    }

    /** Copies the jars of a feature into the home, under names that no other content has. */
    private List<String> keep(Feature feature, Map<String, Path> outside, Consumer<String> progress)
            throws Refusal, IOException {
        Path folder = Files.createDirectories(Installed.folder(home));
        var kept = new ArrayList<String>();
        for (Feature.Item item : feature.bundles()) {
            Path jar = outside.getOrDefault(item.file(), features.distributed(item.file()));
            if (!Files.exists(jar)) {
                throw new Refusal("feature %s needs %s: name that file too".formatted(feature.name(),
                        item.file()));
            }
            BundleFile bundle = BundleFile.read(jar);
            String name = "%s-%s-%s.jar".formatted(bundle.symbolicName(), bundle.version(),
                    Durable.digest(jar).substring(0, 16));
            if (!Files.exists(folder.resolve(name))) {
                progress.accept("copying " + bundle.label());
                Durable.copy(jar, folder.resolve(name));
            }
            kept.add(name);
        }
        return kept;
    }

    /**
     * Removes features; bundles that no other feature has go with them.
     *
     * @throws Refusal if one is not installed, or others need it
     */
    void remove(List<String> names, Consumer<String> progress)
            throws Refusal, IOException, InterruptedException {
        exclusively(() -> {
            progress.accept("checking");
            for (String name : names) {
                removable(name, names);
            }
            List<String> chosen = installed.chosen().stream().filter(name -> !names.contains(name)).toList();
            List<Feature> pinned = installed.pinned().stream()
                    .filter(feature -> !names.contains(feature.name()))
                    .toList();
            change("remove " + String.join(", ", names), chosen, pinned, progress);
        });
    }

    private void removable(String name, List<String> together) throws Refusal {
        if (name.equals(Features.BASE)) {
            throw new Refusal("base cannot be removed: without it no node runs");
        }
        List<Feature> all = features.select(installed).features();
        if (all.stream().noneMatch(feature -> feature.name().equals(name))) {
            throw new Refusal("%s is not installed; installed are: %s".formatted(name,
                    String.join(", ", all.stream().map(Feature::name).toList())));
        }
        List<String> users = all.stream().filter(feature -> feature.requires().contains(name))
                .map(Feature::name)
                .filter(user -> !together.contains(user)).toList();
        if (!users.isEmpty()) {
            throw new Refusal("%s stays: %s needs it".formatted(name, String.join(", ", users)));
        }
    }

    /** Brings what is installed to the versions that the distribution has now. */
    void upgrade(Consumer<String> progress) throws Refusal, IOException, InterruptedException {
        exclusively(() -> {
            progress.accept("checking");
            change("upgrade", installed.chosen(), installed.pinned(), progress);
        });
    }

    /**
     * Takes the last change back.
     *
     * @param reason for the history
     */
    void rollback(String reason, Consumer<String> progress)
            throws Refusal, IOException, InterruptedException {
        exclusively(() -> {
            progress.accept("checking");
            if (installed.history().isEmpty()) {
                throw new Refusal("there is nothing to go back to");
            }
            Installed.Before before = installed.history().getLast();
            change("rollback of \"%s\"%s".formatted(before.change(), reason.isEmpty() ? "" : ": " + reason),
                    before.chosen(), before.pinned(), progress);
        });
    }

    private interface Work {

        void run() throws Refusal, IOException, InterruptedException;
    }

    private void exclusively(Work work) throws Refusal, IOException, InterruptedException {
        if (!changing.tryLock(WAITING.toSeconds(), TimeUnit.SECONDS)) {
            throw new Refusal("another change of the features is under way; try again when it is done");
        }
        try {
            work.run();
        } finally {
            changing.unlock();
        }
    }

    private void change(String what, List<String> chosen, List<Feature> pinned, Consumer<String> progress)
            throws Refusal, IOException, InterruptedException {
        Installed next = installed.changed(what, clock.instant().getEpochSecond(), chosen, pinned);
        probation.end();
        Plan plan;
        try {
            plan = plan(next);
            apply(plan, progress, () -> {
                next.write(home);
                installed = next;
            });
        } catch (Refusal | IOException | InterruptedException e) {
            installed.tidy(home);
            throw e;
        }
        LOG.log(Level.INFO, "features: {0}", what);
        framework.uninstall(plan.removed.stream().map(BundleFile::path).toList());
        configurer.configure(plan.selection);
        installed.tidy(home);
        probation.begin(plan.replaced, Probation.length(framework.configured()));
    }

    /** New versions did not pass their probation. */
    private void goBack(String why) {
        try {
            rollback(why, step -> LOG.log(Level.DEBUG, step));
        } catch (Refusal | IOException e) {
            LOG.log(Level.ERROR, "the version before cannot be put back: {0}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Plan plan(Installed next) throws Refusal {
        Features.Selection selection = features.select(next);
        Map<String, BundleFile> before = byName(framework.bundles());
        Map<String, BundleFile> after = new LinkedHashMap<>();
        for (Path jar : selection.bundles()) {
            BundleFile bundle = BundleFile.read(jar);
            after.put(bundle.symbolicName(), bundle);
        }
        Resolution.check(framework.system(), framework::offers, after.values(), () -> elsewhere(selection));
        ranges(after.values());
        Settings.check(Settings.known(after.values()), selection.configurations());
        var added = new ArrayList<BundleFile>();
        var replaced = new ArrayList<Replacement.Pair>();
        after.forEach((name, bundle) -> {
            BundleFile old = before.get(name);
            if (old == null) {
                added.add(bundle);
            } else if (!old.path().equals(bundle.path()) || !old.version().equals(bundle.version())) {
                replaced.add(new Replacement.Pair(old, bundle));
            }
        });
        List<BundleFile> removed = before.values().stream()
                .filter(bundle -> !after.containsKey(bundle.symbolicName())).toList();
        return new Plan(selection, added, replaced, removed);
    }

    private static Map<String, BundleFile> byName(List<BundleFile> bundles) {
        var byName = new LinkedHashMap<String, BundleFile>();
        bundles.forEach(bundle -> byName.put(bundle.symbolicName(), bundle));
        return byName;
    }

    /** What the distribution has beside the selection. */
    private Map<String, List<BundleFile>> elsewhere(Features.Selection selection) throws Refusal {
        var elsewhere = new LinkedHashMap<String, List<BundleFile>>();
        for (Feature feature : features.distributed().values()) {
            if (!selection.names().contains(feature.name())) {
                var bundles = new ArrayList<BundleFile>();
                for (Feature.Item item : feature.bundles()) {
                    Path jar = features.distributed(item.file());
                    if (Files.exists(jar)) {
                        bundles.add(BundleFile.read(jar));
                    }
                }
                elsewhere.put(feature.name(), bundles);
            }
        }
        return elsewhere;
    }

    /** Two bundles must not serve the same operations, nor under the same name. */
    private static void ranges(Iterable<BundleFile> bundles) throws Refusal {
        var taken = new HashMap<BundleFile.Range, BundleFile>();
        for (BundleFile bundle : bundles) {
            for (BundleFile.Range range : bundle.ranges()) {
                for (var other : taken.entrySet()) {
                    boolean sameName = !range.name().isEmpty() && range.name().equals(other.getKey().name());
                    if (range.overlaps(other.getKey()) || sameName) {
                        throw new Refusal("%s serves %s, but %s serves %s: only one of them can be installed"
                                .formatted(bundle.label(), range, other.getValue().label(), other.getKey()));
                    }
                }
                taken.put(range, bundle);
            }
        }
    }

    private void apply(Plan plan, Consumer<String> progress, Work commit)
            throws Refusal, IOException, InterruptedException {
        Set<String> troubleBefore = framework.troubles();
        List<Path> added = plan.added.stream().map(BundleFile::path).toList();
        boolean replaced = false;
        try {
            configurer.configure(plan.selection);
            plan.replaced.forEach(pair -> progress.accept("replacing %s by %s".formatted(pair.before()
                    .label(),
                    pair.after().version())));
            replacement.replace(plan.replaced);
            replaced = true;
            plan.added.forEach(bundle -> progress.accept("starting " + bundle.label()));
            framework.install(added);
            awaitComponents(troubleBefore);
            commit.run();
        } catch (Refusal | IOException | InterruptedException e) {
            LOG.log(Level.DEBUG, "taking back", e);
            progress.accept("taking back");
            framework.uninstall(added);
            if (replaced) {
                replacement.takeBack(plan.replaced);
            }
            configurer.configure(features.select(installed));
            throw e;
        }
    }

    private void awaitComponents(Set<String> before) throws Refusal, InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            Optional<Components.Trouble> trouble = framework.troubleBeside(before);
            if (trouble.isEmpty()) {
                return;
            }
            if (trouble.get().hopeless() || System.nanoTime() > end) {
                throw new Refusal(trouble.get().line());
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }
}
