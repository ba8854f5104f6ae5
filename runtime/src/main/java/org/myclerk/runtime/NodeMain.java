package org.myclerk.runtime;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** {@code myclerk up}: runs a node until it is asked to stop. */
public final class NodeMain {

    /** Name of the launcher's logger. */
    static final String NAME = "org.myclerk.runtime";

    /** System property: the folder of the distribution. {@code bin/myclerk} sets it. */
    static final String DISTRIBUTION = "myclerk.dist";

    /**
     * How long a component may wait for a service, and how long core may then take until it listens. On a
     * machine that is slower than any board on sale {@code -Dmyclerk.patience=SECONDS} gives it more.
     */
    private static final Duration PATIENCE = Duration.ofSeconds(Integer.getInteger("myclerk.patience", 30));
    private static final Duration LONG_PATIENCE = PATIENCE.plus(PATIENCE);

    /** How long a node that could begin waits for components of bundles from outside. */
    private static final Duration OUTSIDE_PATIENCE = Duration.ofSeconds(1);

    /** What the main thread waits for. */
    private sealed interface Event {

        record Listening(List<String> endpoints) implements Event { }

        record Failed(String why) implements Event { }

        record Stop(String why) implements Event { }
    }

    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final PrintStream out;

    private NodeMain(PrintStream out) {
        this.out = out;
    }

    /** Runs a node; exits with 0 when asked to stop, 1 if it cannot start or go on, 2 for wrong arguments. */
    public static void main(String[] arguments) throws InterruptedException {
        Log.install();
        var out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        // Standard output is for the ready lines; what libraries print goes to standard error.
        System.setOut(System.err);
        System.exit(new NodeMain(out).run(List.of(arguments)));
    }

    /** The arguments, with the home that the environment names before any that they name. */
    private static List<String> withHome(List<String> arguments) {
        String home = System.getenv("MYCLERK_HOME");
        if (home == null || home.isEmpty()) {
            return arguments;
        }
        return Stream.concat(Stream.of("--home", home), arguments.stream()).toList();
    }

    private int run(List<String> arguments) throws InterruptedException {
        try {
            UpOptions options = UpOptions.parse(withHome(arguments),
                    Path.of(System.getProperty("user.home")));
            if (options.help()) {
                out.print(UpOptions.USAGE);
                out.flush();
                return 0;
            }
            try (Home home = Home.open(options.home())) {
                up(options, home);
            }
            return 0;
        } catch (StartFailure e) {
            System.err.println("myclerk: " + e.getMessage());
            return e.status();
        } catch (Refusal e) {
            System.err.println("myclerk: " + e.getMessage());
            return StartFailure.FAILED;
        } catch (IOException e) {
            System.err.println("myclerk: the home cannot be used: " + Home.reason(e));
            return StartFailure.FAILED;
        }
    }

    private void up(UpOptions options, Home home) throws StartFailure, Refusal, IOException,
            InterruptedException {
        Features features = new Features(distribution(), home.folder());
        Installed installed = installed(options, home);
        Features.Selection selection = features.select(installed);
        Configurations configurations = configurations(selection, options, home);
        Log.open(configurations.get(Configurations.LOG), home.folder());
        System.Logger log = System.getLogger(NAME);
        log.log(Level.DEBUG, "features {0}", selection.names());

        Signals.onStop(() -> events.add(new Event.Stop("asked to stop")));
        NodeFramework framework = NodeFramework.start(home.cache());
        try {
            framework.follow(endpoints -> events.add(new Event.Listening(endpoints)),
                    why -> events.add(new Event.Failed(why)));
            Installer installer = new Installer(home.folder(), features, installed, framework,
                    next -> configure(framework, configurations(next, options, home), home));
            installer.start(selection);
            framework.configure(configurations);
            framework.onStopped(() -> events.add(new Event.Stop("framework stopped")));
            Optional<List<String>> ready = awaitReady(installer);
            if (ready.isPresent()) {
                Components.unknownSettings(framework.context(), configurations)
                        .forEach(line -> log.log(Level.WARNING, line));
                installer.begin();
                try (Extensions extensions = new Extensions(home.folder(), installer,
                        () -> Boolean.parseBoolean(
                        String.valueOf(framework.configured().get(Configurations.FEATURES)
                        .get("allowUnsigned"))));
                        WarmUp _ = WarmUp.begin()) {
                    framework.offer(new InstallerService(home.folder(), installer, extensions,
                            framework::configured));
                    ready.get().forEach(endpoint -> out.println("ready " + endpoint));
                    if (!Boolean.getBoolean(WarmUp.TRAINING)) {
                        awaitStop();
                    }
                }
            }
            log.log(Level.DEBUG, "stopping");
        } finally {
            framework.stop();
        }
    }

    /** Makes configurations effective, the log's among them. */
    private static void configure(NodeFramework framework, Configurations next, Home home) throws Refusal {
        if (!next.same(framework.configured(), Configurations.LOG)) {
            try {
                Log.open(next.get(Configurations.LOG), home.folder());
            } catch (StartFailure e) {
                throw new Refusal(e.getMessage());
            }
        }
        framework.configure(next);
    }

    /** What is to run: what the home has, and what the command line asks for beside it. */
    private static Installed installed(UpOptions options, Home home) throws Refusal {
        Optional<Installed> before = Installed.read(home.folder());
        var chosen = new LinkedHashSet<String>();
        if (before.isPresent()) {
            chosen.addAll(before.get().chosen());
        } else if (options.features().isEmpty()) {
            chosen.add(Features.DEFAULT);
        }
        chosen.addAll(options.features());
        return new Installed(List.copyOf(chosen), before.map(Installed::pinned).orElse(List.of()),
                before.map(Installed::history).orElse(List.of()));
    }

    /**
     * The configurations of the features, above them those of the home, above these those of the command
     * line.
     */
    private static Configurations configurations(Features.Selection selection, UpOptions options, Home home)
            throws Refusal {
        Configurations configurations = selection.configurations();
        configurations.overlay(home.folder().resolve("config.json"));
        configurations.overlay(options.settings());
        configurations.put(Configurations.NODE, "home", home.folder().toString());
        if (!options.listen().isEmpty()) {
            configurations.put(Configurations.NODE, "listen", options.listen().toArray(String[]::new));
        } else if (!configurations.get(Configurations.NODE).containsKey("listen")) {
            configurations.put(Configurations.NODE, "listen", new String[] {"[::]:5657"});
        }
        return configurations;
    }

    /**
     * Waits until core listens and no component lacks anything, for those of bundles from outside not long;
     * empty if asked to stop before.
     */
    private Optional<List<String>> awaitReady(Installer installer)
            throws StartFailure, InterruptedException {
        long begin = System.nanoTime();
        Optional<List<String>> endpoints = Optional.empty();
        Optional<Duration> ready = Optional.empty();
        while (true) {
            // To ask every component costs more than to start one: seldom, until only they are waited for.
            switch (events.poll(endpoints.isEmpty() ? 250 : 20, TimeUnit.MILLISECONDS)) {
                case Event.Listening listening -> endpoints = Optional.of(listening.endpoints());
                case Event.Failed failed -> throw StartFailure.failed(failed.why());
                case Event.Stop _ -> {
                    return Optional.empty();
                }
                case null -> { }
            }
            // Not by the wall clock: it may be set just then.
            Duration waited = Duration.ofNanos(System.nanoTime() - begin);
            Optional<Components.Trouble> trouble = installer.trouble();
            if (endpoints.isPresent() && trouble.isEmpty()) {
                ready = ready.or(() -> Optional.of(waited));
                boolean patient = waited.minus(ready.get()).compareTo(OUTSIDE_PATIENCE) < 0;
                if (!patient || !installer.lacksOutside()) {
                    return endpoints;
                }
            }
            if (trouble.isPresent() && (trouble.get().hopeless() || waited.compareTo(PATIENCE) > 0)) {
                throw StartFailure.failed(trouble.get().line());
            }
            if (waited.compareTo(LONG_PATIENCE) > 0) {
                throw StartFailure.failed(("the node does not listen after %d s; see its log with "
                        + "--set log.level=debug").formatted(LONG_PATIENCE.toSeconds()));
            }
        }
    }

    private void awaitStop() throws StartFailure, InterruptedException {
        while (true) {
            switch (events.take()) {
                case Event.Failed failed -> throw StartFailure.failed(failed.why());
                case Event.Stop _ -> {
                    return;
                }
                case Event.Listening _ -> { }
            }
        }
    }

    private static Path distribution() throws StartFailure {
        String folder = System.getProperty(DISTRIBUTION);
        if (folder == null) {
            throw StartFailure.failed("start the node with bin/myclerk up");
        }
        return Path.of(folder);
    }
}
