package org.myclerk.runtime;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.wiring.BundleWiring;

/**
 * A node whose bundles a test replaces: a program over the launcher's jars alone. Each line it reads is a command, its
 * words separated by tabs; each is answered by one line, {@code ok} and what was asked for, or {@code failed} and why.
 */
final class ReplacedNode {

    private final NodeFramework framework;
    private final Replacement replacement;
    private final BlockingQueue<String> takenBack = new LinkedBlockingQueue<>();
    private final List<WeakReference<ClassLoader>> loaders = new ArrayList<>();

    private ReplacedNode(NodeFramework framework) {
        this.framework = framework;
        this.replacement = new Replacement(framework, Duration.ofSeconds(10));
    }

    /** Arguments: distribution, home, features separated by commas, settings {@code PID:KEY=VALUE[,VALUE]}. */
    public static void main(String[] arguments) throws Exception {
        PrintStream out = System.out;
        System.setOut(System.err);
        Path home = Path.of(arguments[1]);
        Features.Selection selection = new Features(Path.of(arguments[0]), home).select(new Installed(
                Features.names(arguments[2]), List.of(), List.of()));
        Configurations configurations = selection.configurations();
        configurations.put(Configurations.NODE, "home", home.toString());
        configurations.put(Configurations.NODE, "listen", new String[] {"127.0.0.1:0"});
        configurations.put(Configurations.PREFIX + "discovery", "enabled", false);
        for (int i = 3; i < arguments.length; i++) {
            String[] parts = arguments[i].split("[:=]", 3);
            configurations.put(Configurations.PREFIX + parts[0], parts[1], parts[2].split(","));
        }
        BlockingQueue<String> told = new LinkedBlockingQueue<>();
        NodeFramework framework = NodeFramework.start(home.resolveSibling("cache"));
        framework.follow(endpoints -> told.add("ok"), why -> told.add("failed\t" + why));
        framework.install(selection.bundles());
        framework.configure(configurations);
        out.println(Optional.ofNullable(told.poll(60, TimeUnit.SECONDS)).orElse("failed\tdoes not listen"));
        ReplacedNode node = new ReplacedNode(framework);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String answer;
            try {
                answer = "ok\t" + node.command(List.of(line.split("\t")));
            } catch (Refusal | IOException | RuntimeException failed) {
                answer = "failed\t" + failed.getMessage();
            }
            out.println(answer);
        }
        framework.stop();
        System.exit(0);
    }

    private String command(List<String> words) throws Refusal, IOException, InterruptedException {
        List<Path> jars = words.stream().skip(1).map(Path::of).toList();
        return switch (words.getFirst()) {
            case "replace" -> {
                replacement.replace(pairs(jars));
                yield "";
            }
            case "replace-on-probation" -> {
                List<Replacement.Pair> pairs = pairs(jars);
                replacement.replace(pairs);
                new Probation(framework, why -> takeBack(pairs, why)).begin(pairs, Duration.ofSeconds(60));
                yield "";
            }
            case "taken-back" -> String.valueOf(takenBack.poll(60, TimeUnit.SECONDS));
            case "install" -> {
                framework.install(jars);
                yield "";
            }
            case "uninstall" -> {
                framework.uninstall(jars);
                yield "";
            }
            case "running" -> String.join(" ", Stream.of(context().getBundles())
                    .filter(bundle -> bundle.getState() == Bundle.ACTIVE)
                    .map(bundle -> bundle.getSymbolicName() + ":" + bundle.getVersion()).toList());
            case "watch-loader" -> {
                loaders.add(new WeakReference<>(framework.bundle(jars.getFirst()).adapt(BundleWiring.class)
                        .getClassLoader()));
                yield "";
            }
            case "loaders-left" -> String.valueOf(loadersLeft());
            case "resources" -> "%d %d".formatted(Thread.getAllStackTraces().size(), descriptors());
            default -> throw new IllegalArgumentException(words.getFirst());
        };
    }

    private BundleContext context() {
        return framework.context();
    }

    private static List<Replacement.Pair> pairs(List<Path> jars) throws Refusal {
        List<Replacement.Pair> pairs = new ArrayList<>();
        for (int i = 0; i < jars.size(); i += 2) {
            pairs.add(new Replacement.Pair(BundleFile.read(jars.get(i)), BundleFile.read(jars.get(i + 1))));
        }
        return pairs;
    }

    private void takeBack(List<Replacement.Pair> pairs, String why) {
        try {
            replacement.takeBack(pairs);
            takenBack.add(why);
        } catch (Refusal | InterruptedException failed) {
            takenBack.add("failed: " + failed.getMessage());
        }
    }

    /** How many of the watched class loaders the collector cannot take, whatever it does. */
    private long loadersLeft() throws InterruptedException {
        long left = loaders.size();
        for (int i = 0; i < 100 && left > 0; i++) {
            System.gc();
            TimeUnit.MILLISECONDS.sleep(50);
            left = loaders.stream().filter(each -> each.get() != null).count();
        }
        return left;
    }

    private static long descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }
}
