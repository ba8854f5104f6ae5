package org.myclerk.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.osgi.framework.Bundle;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.service.log.LogService;
import org.osgi.service.log.LoggerFactory;

/**
 * A node in a framework that a test has: the launcher's own classes, as they are, without its command line.
 */
public final class NodeInFramework {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final long LISTENS_WITHIN_SECONDS = 60;

    private final NodeFramework framework;
    private final Replacement replacement;
    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> takenBack = new LinkedBlockingQueue<>();
    private final List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
    private String endpoint;

    /** @param framework which runs already, with the bundles of the node's features */
    public NodeInFramework(Framework framework) {
        this(new NodeFramework(framework));
        framework.getBundleContext().registerService(
                new String[] {LogService.class.getName(), LoggerFactory.class.getName()}, BundleLog.service(),
                null);
    }

    private NodeInFramework(NodeFramework framework) {
        this.framework = framework;
        this.replacement = new Replacement(framework, PATIENCE);
    }

    /** A node in a framework of its own, beside the test's. */
    public static NodeInFramework start(Path distribution, Path home, String features) throws Exception {
        NodeFramework framework = NodeFramework.start(home.resolveSibling(home.getFileName() + ".cache"));
        framework.install(selection(distribution, features).bundles());
        return new NodeInFramework(framework);
    }

    /** Where the bundles of features come from, as the launcher installs them, in the order to be started. */
    public static List<String> locations(Path distribution, String features) throws Exception {
        return selection(distribution, features).bundles().stream().map(NodeFramework::location).toList();
    }

    /** The packages that the launcher shares with the bundles. */
    public static List<String> systemPackages() throws IOException {
        var settings = new Properties();
        try (InputStream in = NodeFramework.class.getResourceAsStream("framework.properties")) {
            settings.load(in);
        }
        return List.of(settings.getProperty("org.osgi.framework.system.packages.extra").split(",\\s*"));
    }

    private static Features.Selection selection(Path distribution, String features) throws Refusal {
        return new Features(distribution, distribution).select(new Installed(Features.names(features),
                List.of(),
                List.of()));
    }

    /**
     * Configures the node and waits until it listens.
     *
     * @param settings {@code PID:KEY=VALUE[,VALUE]}, the PID without {@code org.myclerk.}
     */
    public void listen(Path distribution, Path home, String features, String... settings) throws Exception {
        Configurations configurations = selection(distribution, features).configurations();
        configurations.put(Configurations.NODE, "home", home.toString());
        configurations.put(Configurations.NODE, "listen", new String[] {"127.0.0.1:0"});
        configurations.put(Configurations.PREFIX + "discovery", "enabled", false);
        for (String setting : settings) {
            String[] parts = setting.split("[:=]", 3);
            configurations.put(Configurations.PREFIX + parts[0], parts[1], parts[2].split(","));
        }
        framework.follow(endpoints -> told.add(endpoints.getFirst()), told::add);
        framework.configure(configurations);
        String answer = told.poll(LISTENS_WITHIN_SECONDS, TimeUnit.SECONDS);
        if (answer == null || !answer.startsWith("tcp ")) {
            throw new IOException("it does not listen: %s, %s".formatted(answer, framework.troubles()));
        }
        endpoint = answer.substring("tcp ".length());
    }

    /** Where it listens, {@code HOST:PORT}. */
    public String endpoint() {
        return endpoint;
    }

    /** Replaces bundles under load: each of the jars by the next. */
    public void replace(Path... jars) throws Exception {
        replacement.replace(pairs(jars));
    }

    /** Why they are not replaced. */
    public String refusal(Path... jars) throws Exception {
        try {
            replacement.replace(pairs(jars));
        } catch (Refusal refusal) {
            return refusal.getMessage();
        }
        throw new AssertionError("replaced: " + List.of(jars));
    }

    /** Replaces bundles, and takes it back at the first complaint within a time. */
    public void replaceOnProbation(Duration length, Path... jars) throws Exception {
        List<Replacement.Pair> pairs = pairs(jars);
        replacement.replace(pairs);
        new Probation(framework, why -> takeBack(pairs, why)).begin(pairs, length);
    }

    private void takeBack(List<Replacement.Pair> pairs, String why) {
        try {
            replacement.takeBack(pairs);
            takenBack.add(why);
        } catch (Refusal | InterruptedException failed) {
            takenBack.add("failed: " + failed.getMessage());
        }
    }

    private static List<Replacement.Pair> pairs(Path... jars) throws Refusal {
        List<Replacement.Pair> pairs = new ArrayList<>();
        for (int i = 0; i < jars.length; i += 2) {
            pairs.add(new Replacement.Pair(BundleFile.read(jars[i]), BundleFile.read(jars[i + 1])));
        }
        return pairs;
    }

    /** Waits until a replacement was taken back, and says why. */
    public String takenBack() throws InterruptedException {
        return String.valueOf(takenBack.poll(LISTENS_WITHIN_SECONDS, TimeUnit.SECONDS));
    }

    public void install(Path... jars) throws Exception {
        framework.install(List.of(jars));
    }

    public void uninstall(Path... jars) throws InterruptedException {
        framework.uninstall(List.of(jars));
    }

    /** {@code NAME:VERSION} of the bundles that are active, without the framework's own. */
    public List<String> running() {
        return Stream.of(framework.context().getBundles())
                .filter(bundle -> bundle.getState() == Bundle.ACTIVE && bundle.getBundleId() != 0)
                .map(bundle -> bundle.getSymbolicName() + ":" + bundle.getVersion()).toList();
    }

    /** Watches the class loader of a bundle's present version. */
    public void watchLoader(Path jar) {
        loaders.add(new WeakReference<>(framework.bundle(jar).adapt(BundleWiring.class).getClassLoader()));
    }

    /** How many of the watched class loaders the collector cannot take, whatever it does. */
    public long loadersLeft() throws InterruptedException {
        long left = loaders.size();
        for (int i = 0; i < 100 && left > 0; i++) {
            System.gc();
            TimeUnit.MILLISECONDS.sleep(50);
            left = loaders.stream().filter(each -> each.get() != null).count();
        }
        return left;
    }

    /** Stops the framework. */
    public void stop() throws InterruptedException {
        framework.stop();
    }

    /** What keeps a component from working; empty if nothing does. */
    public Optional<String> trouble() {
        return framework.troubles().stream().findFirst();
    }
}
