package org.myclerk.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongPredicate;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.FrameworkWiring;
import org.osgi.resource.Resource;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.log.LogService;
import org.osgi.service.log.LoggerFactory;
import org.osgi.util.tracker.ServiceTracker;

/** The OSGi framework of a node: bundles in, configurations out, and what core says of itself. */
final class NodeFramework {

    /** Service properties of core: String[] of {@code "tcp HOST:PORT"}; one line of why it cannot start. */
    private static final String LISTENING = "myclerk.listening";
    private static final String FAILED = "myclerk.failed";

    /** How Felix is told to run a jar where it lies. */
    private static final String REFERENCE = "reference:";

    private static final System.Logger LOG = System.getLogger(NodeMain.NAME);

    /** The innermost of the requirements that the resolver names, e.g. a package nobody exports. */
    private static final Pattern MISSING = Pattern.compile(
            "missing requirement \\[(\\S+) \\[[^]]*]\\([^)]*\\)] ([\\w.]+); (.+?)"
                    + "(?= \\[caused by:| Unresolved requirements:|]|$)");

    private final Framework framework;
    private volatile Configurations configured = new Configurations();

    /** @param framework one that runs */
    NodeFramework(Framework framework) {
        this.framework = framework;
    }

    /**
     * Starts a framework without bundles.
     *
     * @param cache its folder, emptied first
     */
    static NodeFramework start(Path cache) throws StartFailure {
        var settings = new HashMap<String, String>();
        settings(NodeFramework.class).forEach((key, value) -> settings.put(key.toString(), value.toString()));
        settings.put(Constants.FRAMEWORK_STORAGE, cache.toString());
        settings.put(Constants.FRAMEWORK_STORAGE_CLEAN, Constants.FRAMEWORK_STORAGE_CLEAN_ONFIRSTINIT);
        Framework framework = ServiceLoader.load(FrameworkFactory.class).findFirst()
                .orElseThrow(() -> StartFailure.failed("this distribution has no OSGi framework in lib"))
                .newFramework(settings);
        try {
            framework.init(event -> {
                if (event.getType() == FrameworkEvent.ERROR) {
                    LOG.log(Level.ERROR, event.getBundle().getSymbolicName(), event.getThrowable());
                }
            });
            framework.getBundleContext().registerService(
                    new String[] {LogService.class.getName(), LoggerFactory.class.getName()},
                    BundleLog.service(), null);
            framework.start();
        } catch (BundleException e) {
            throw StartFailure.failed("the OSGi framework does not start: " + e.getMessage());
        }
        return new NodeFramework(framework);
    }

    private static Properties settings(Class<?> beside) {
        var settings = new Properties();
        try (InputStream in = beside.getResourceAsStream("framework.properties")) {
            settings.load(in);
        } catch (IOException e) {
            throw new IllegalStateException("framework.properties cannot be read", e);
        }
        return settings;
    }

    /**
     * Installs bundles where they are, without a copy, resolves them together and starts them in order.
     *
     * @throws Refusal naming the bundle that does not resolve or start, and what it misses; those installed
     *         by then stay
     */
    void install(List<Path> jars) throws Refusal {
        install(jars, _ -> false);
    }

    /**
     * The same, but bundles that can be done without and do not resolve or start are left out.
     *
     * @return why they are
     */
    Map<Path, String> install(List<Path> jars, Predicate<Path> dispensable) throws Refusal {
        var bundles = new LinkedHashMap<Path, Bundle>();
        for (Path jar : jars) {
            try {
                bundles.put(jar, context().installBundle(location(jar)));
            } catch (BundleException e) {
                throw new Refusal("%s cannot be installed: %s".formatted(jar.getFileName(), e.getMessage()));
            }
        }
        framework.adapt(FrameworkWiring.class).resolveBundles(bundles.values());
        var leftOut = new LinkedHashMap<Path, String>();
        for (var bundle : bundles.entrySet()) {
            try {
                start(List.of(bundle.getValue()));
            } catch (Refusal e) {
                if (!dispensable.test(bundle.getKey())) {
                    throw e;
                }
                leftOut.put(bundle.getKey(), e.getMessage());
            }
        }
        for (Path jar : leftOut.keySet()) {
            try {
                bundles.get(jar).uninstall();
            } catch (BundleException e) {
                LOG.log(Level.DEBUG, jar.toString(), e);
            }
        }
        return leftOut;
    }

    private static void start(List<Bundle> bundles) throws Refusal {
        for (Bundle bundle : bundles) {
            try {
                if (bundle.getHeaders("").get(Constants.FRAGMENT_HOST) == null) {
                    bundle.start(Bundle.START_ACTIVATION_POLICY);
                }
            } catch (BundleException e) {
                LOG.log(Level.DEBUG, bundle.getSymbolicName(), e);
                throw new Refusal(e.getType() == BundleException.RESOLVE_ERROR
                        ? missing(bundle.getSymbolicName(), e.getMessage())
                        : "%s does not start: %s".formatted(bundle.getSymbolicName(), reason(e)));
            }
        }
    }

    /** What a bundle that runs where it lies is installed from. */
    static String location(Path jar) {
        return REFERENCE + jar.toUri();
    }

    /** Stops and uninstalls bundles, those started last first, and rewires what was wired to them. */
    void uninstall(List<Path> jars) throws InterruptedException {
        var gone = new ArrayList<Bundle>();
        for (Path jar : jars.reversed()) {
            Bundle bundle = context().getBundle(location(jar));
            if (bundle != null) {
                try {
                    bundle.uninstall();
                    gone.add(bundle);
                } catch (BundleException e) {
                    LOG.log(Level.WARNING, "%s did not stop in order: %s".formatted(bundle.getSymbolicName(),
                            reason(e)));
                }
            }
        }
        refresh(gone);
    }

    /**
     * Puts bundles in the place of others: all of those stop, what was wired to them is wired to the new
     * ones, and runs again with them.
     *
     * @throws Refusal naming a bundle that does not resolve or start; then neither the old nor all of the new
     *     ones run
     */
    void exchange(List<Path> before, List<Path> after) throws Refusal, InterruptedException {
        var running = new ArrayList<Bundle>();
        for (Bundle bundle : context().getBundles()) {
            if (bundle.getState() == Bundle.ACTIVE || bundle.getState() == Bundle.STARTING) {
                running.add(bundle);
            }
        }
        var gone = new ArrayList<Bundle>();
        for (Path jar : before.reversed()) {
            Bundle bundle = bundle(jar);
            if (bundle != null) {
                try {
                    bundle.uninstall();
                } catch (BundleException e) {
                    LOG.log(Level.WARNING, "%s did not stop in order: %s".formatted(bundle.getSymbolicName(),
                            reason(e)));
                }
                gone.add(bundle);
            }
        }
        var come = new ArrayList<Bundle>();
        for (Path jar : after) {
            try {
                come.add(context().installBundle(location(jar)));
            } catch (BundleException e) {
                throw new Refusal("%s cannot be installed: %s".formatted(jar.getFileName(), e.getMessage()));
            }
        }
        refresh(gone);
        framework.adapt(FrameworkWiring.class).resolveBundles(come);
        start(come);
        running.removeAll(gone);
        start(running);
    }

    private void refresh(List<Bundle> bundles) throws InterruptedException {
        if (!bundles.isEmpty()) {
            var done = new CountDownLatch(1);
            framework.adapt(FrameworkWiring.class).refreshBundles(bundles, _ -> done.countDown());
            done.await();
        }
    }

    /** The bundle that was installed from a jar, or {@code null}. */
    Bundle bundle(Path jar) {
        return context().getBundle(location(jar));
    }

    /** The bundles that are there, in the order in which they came. */
    List<BundleFile> bundles() {
        var files = new ArrayList<BundleFile>();
        for (Bundle bundle : context().getBundles()) {
            if (bundle.getBundleId() != Constants.SYSTEM_BUNDLE_ID) {
                var headers = new HashMap<String, String>();
                Dictionary<String, String> all = bundle.getHeaders("");
                all.keys().asIterator().forEachRemaining(key -> headers.put(key, all.get(key)));
                Path path = Path.of(URI.create(bundle.getLocation().substring(REFERENCE.length())));
                files.add(new BundleFile(path, bundle.getSymbolicName(), bundle.getVersion(), headers));
            }
        }
        return files;
    }

    /** Offers the installer to the bundles. */
    void offer(InstallerService installer) {
        context().registerService(Function.class, installer,
                new Hashtable<>(Map.of(InstallerService.PROPERTY, true)));
    }

    /** What the framework itself offers. */
    Resource system() {
        return framework.adapt(BundleRevision.class);
    }

    /** Whether a service is there. */
    boolean offers(String service) {
        return context().getServiceReference(service) != null;
    }

    BundleContext context() {
        return framework.getBundleContext();
    }

    private static String reason(BundleException e) {
        return Optional.ofNullable(e.getCause()).map(Throwable::toString).orElse(e.getMessage());
    }

    /** One line from the resolver's chain of reasons; the last link is the root. */
    static String missing(String bundle, String message) {
        Matcher matcher = MISSING.matcher(message);
        String line = "%s does not resolve: %s".formatted(bundle, message);
        while (matcher.find()) {
            String name = "(%s=".formatted(matcher.group(2));
            String filter = matcher.group(3);
            int at = filter.indexOf(name);
            String what = at < 0 ? filter : filter.substring(at + name.length(), filter.indexOf(')', at));
            String kind = matcher.group(2).equals("osgi.wiring.package") ? "the package" : matcher.group(2);
            line = "%s needs %s %s, which no bundle here offers%s".formatted(matcher.group(1), kind, what,
                    version(filter));
        }
        return line;
    }

    private static String version(String filter) {
        Matcher matcher = Pattern.compile("\\(version>=([\\w.]+)\\)").matcher(filter);
        return matcher.find() ? " in version %s or newer".formatted(matcher.group(1)) : "";
    }

    /** The configurations that were handed out last. */
    Configurations configured() {
        return configured;
    }

    /** Hands out what has changed in the configurations through ConfigurationAdmin, the node's own last. */
    void configure(Configurations configurations) throws Refusal {
        var pids = new LinkedHashSet<>(configurations.pids());
        pids.addAll(configured.pids());
        pids.remove(Configurations.LOG);
        pids.remove(Configurations.FEATURES);
        pids.remove(Configurations.NODE);
        pids.add(Configurations.NODE);
        ServiceReference<ConfigurationAdmin> reference = context()
                .getServiceReference(ConfigurationAdmin.class);
        if (reference == null) {
            throw new Refusal("no bundle offers ConfigurationAdmin; feature base is incomplete");
        }
        ConfigurationAdmin admin = context().getService(reference);
        for (String pid : pids) {
            if (!configurations.same(configured, pid)) {
                try {
                    configure(admin, pid, configurations);
                } catch (IOException | IllegalArgumentException e) {
                    throw new Refusal("the configuration %s is not taken: %s".formatted(pid, e.getMessage()));
                }
            }
        }
        configured = configurations;
    }

    private static void configure(ConfigurationAdmin admin, String pid, Configurations configurations)
            throws IOException {
        int tilde = pid.indexOf('~');
        Configuration configuration = tilde < 0 ? admin.getConfiguration(pid, "?")
                : admin.getFactoryConfiguration(pid.substring(0, tilde), pid.substring(tilde + 1), "?");
        if (configurations.pids().contains(pid)) {
            configuration.update(new Hashtable<>(configurations.get(pid)));
        } else {
            configuration.delete();
        }
    }

    /**
     * Tells what core says of itself, also what it said before.
     *
     * @param listening gets what it listens on, whenever that changes
     * @param failed gets why it cannot start or go on
     */
    void follow(Consumer<List<String>> listening, Consumer<String> failed) {
        BundleContext context = context();
        try {
            var filter = context.createFilter("(|(%s=*)(%s=*))".formatted(LISTENING, FAILED));
            new ServiceTracker<>(context, filter, null) {

                @Override
                public Object addingService(ServiceReference<Object> reference) {
                    tell(reference);
                    return reference;
                }

                @Override
                public void modifiedService(ServiceReference<Object> reference, Object service) {
                    tell(reference);
                }

                private void tell(ServiceReference<Object> reference) {
                    if (reference.getProperty(FAILED) instanceof Object why) {
                        if (!replacing()) {
                            failed.accept(why.toString());
                        }
                    } else if (reference.getProperty(LISTENING) instanceof String[] endpoints) {
                        listening.accept(List.of(endpoints));
                    }
                }
            }.open();
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether bundles are just being replaced: a new version that fails is taken back then. */
    private boolean replacing() {
        try {
            return context().getServiceReferences((String) null, "(" + Replacement.REPLACING + "=*)") != null;
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What keeps components of bundles from working, the roots of it. @param asked ids of the bundles */
    List<Components.Trouble> troubles(LongPredicate asked) {
        return Components.troubles(context(), asked);
    }

    /** The lines of all troubles that stand now. */
    Set<String> troubles() {
        return troubles(_ -> true).stream().map(Components.Trouble::line).collect(Collectors.toSet());
    }

    /** The first trouble beside those that stood before. @param before their lines */
    Optional<Components.Trouble> troubleBeside(Set<String> before) {
        return troubles(_ -> true).stream().filter(trouble -> !before.contains(trouble.line())).findFirst();
    }

    /** Runs a task when the framework has stopped, whoever stopped it. */
    void onStopped(Runnable task) {
        Thread.ofVirtual().name("myclerk-framework").start(() -> {
            try {
                framework.waitForStop(0);
                task.run();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    /** Stops all bundles, in the reverse order of their start, and waits for it, at most 20 s. */
    void stop() throws InterruptedException {
        try {
            framework.stop();
            FrameworkEvent end = framework.waitForStop(TimeUnit.SECONDS.toMillis(20));
            if (end.getType() == FrameworkEvent.WAIT_TIMEDOUT) {
                LOG.log(Level.WARNING, "some bundles did not stop within 20 s");
            }
        } catch (BundleException e) {
            LOG.log(Level.WARNING, "the framework did not stop in order", e);
        }
    }
}
