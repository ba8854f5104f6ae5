package org.myclerk.runtime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

import org.apache.felix.metatype.AD;

/**
 * The installer as a service for bundles: a question goes in as a map, its answer comes out as one, and both
 * hold nothing but types of the JDK, so that any of our bundles can be replaced while it asks. {@code "do"}
 * names what is wanted:
 *
 * <ul>
 * <li>{@code features}; {@code feature} with {@code name}; {@code history}
 * <li>{@code install} and {@code upgrade} with {@code names}, {@code files} (SHA-256 of received ones) and
 * {@code allow-unsigned}; {@code remove} with {@code names}; {@code rollback}. These take {@code progress}, a
 * {@code Consumer<String>} called on the caller's thread, first with the job's id. They go on without their
 * caller.
 * <li>{@code outcome} with {@code job}
 * <li>{@code receive} with {@code digest}, {@code name}, {@code size}, {@code offset}, {@code data} (a
 * ByteBuffer)
 * <li>{@code vendors}; {@code trust} with {@code fingerprint} and {@code name}; {@code distrust} with
 * {@code fingerprint}
 * <li>{@code settings} with {@code pid} (optional); {@code set} with {@code pid}, {@code key}, {@code values}
 * </ul>
 *
 * <p>What is refused is an {@link IllegalArgumentException}, what does not exist a
 * {@link NoSuchElementException}, what failed an {@link UncheckedIOException}; the message is one line for
 * people.
 */
final class InstallerService implements Function<Map<String, Object>, Map<String, Object>> {

    /** Service property that tells it from other functions. */
    static final String PROPERTY = "myclerk.installer";

    /** First part of the ids of features that are made of a bundle that somebody sent. */
    private static final String GROUP = "bundle";

    private static final int REMEMBERED_JOBS = 16;
    private static final long LARGEST_FILE = 256 << 20;

    /** Ends the progress of a job. */
    private static final String END = "";

    private final Path received;
    private final Installer installer;
    private final Settings settings;
    private final Extensions extensions;
    private final Supplier<Configurations> effective;
    private final Map<String, Job> jobs = new LinkedHashMap<>();

    InstallerService(Path home, Installer installer, Extensions extensions,
            Supplier<Configurations> effective) {
        this.received = home.resolve("run/received");
        this.installer = installer;
        this.settings = new Settings(home);
        this.extensions = extensions;
        this.effective = effective;
    }

    /** A change that goes on whoever waits for it. */
    private static final class Job {

        private final String id = UUID.randomUUID().toString();
        private final BlockingQueue<String> steps = new LinkedBlockingQueue<>();
        private volatile boolean done;
        private volatile Exception failure;
    }

    private interface Change {

        void run(Consumer<String> progress) throws Refusal, IOException, InterruptedException;
    }

    @Override
    public Map<String, Object> apply(Map<String, Object> question) {
        try {
            return answer(question);
        } catch (Refusal e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(new IOException(Home.reason(e), e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private Map<String, Object> answer(Map<String, Object> question)
            throws Refusal, IOException, InterruptedException {
        return switch (text(question, "do")) {
            case "features" -> Map.of("features", features());
            case "feature" -> feature(text(question, "name"));
            case "history" -> Map.of("changes", installer.installed().history().stream()
                    .map(before -> Map.of("at", before.at(), "change", before.change())).toList());
            case "install" -> job(question, progress -> install(question, progress));
            case "upgrade" -> job(question, progress -> upgrade(question, progress));
            case "remove" -> job(question, progress -> installer.remove(texts(question, "names"), progress));
            case "rollback" -> job(question, progress -> installer.rollback("", progress));
            case "outcome" -> outcome(text(question, "job"));
            case "receive" -> receive(question);
            case "vendors" -> Map.of("vendors", installer.vendors().trusted());
            case "trust" -> trust(question);
            case "distrust" -> {
                installer.vendors().distrust(text(question, "fingerprint"));
                yield Map.of();
            }
            case "settings" -> Map.of("settings", Settings.list(Settings.known(installer.bundles()),
                    effective.get(),
                    Optional.ofNullable((String) question.get("pid"))));
            case "set" -> set(question);
            case String other -> throw new IllegalArgumentException("the installer does not know \"" + other
                    + "\"");
        };
    }

    private static String text(Map<String, Object> question, String key) {
        return (String) question.get(key);
    }

    private static List<String> texts(Map<String, Object> question, String key) {
        return question.get(key) instanceof List<?> list ? list.stream().map(String.class::cast).toList()
                : List.of();
    }

    // What there is

    private List<Map<String, Object>> features() throws Refusal {
        List<Feature> running = installer.selection().features();
        Map<String, Feature> distributed = installer.features().distributed();
        var all = new ArrayList<Map<String, Object>>();
        List<String> names = Stream.concat(distributed.values().stream(), running.stream()
                .filter(feature -> !distributed.containsKey(feature.name()))).map(Feature::name).sorted()
                .toList();
        for (String name : names) {
            all.add(state(name, running, distributed));
        }
        return all;
    }

    private Map<String, Object> state(String name, List<Feature> running, Map<String, Feature> distributed)
            throws Refusal {
        Optional<Feature> there = running.stream().filter(feature -> feature.name().equals(name)).findFirst();
        Feature feature = there.orElseGet(() -> distributed.get(name));
        return Map.of("name", name, "version", feature.version(), "description", feature.description(),
                "installed", there.isPresent(), "chosen", installer.installed().chosen().contains(name),
                "outside", installer.installed().pinned(name).isPresent(), "problem",
                there.isPresent() ? installer.problem(feature) : "");
    }

    private Map<String, Object> feature(String name) throws Refusal {
        List<Feature> running = installer.selection().features();
        Map<String, Feature> distributed = installer.features().distributed();
        if (running.stream().noneMatch(feature -> feature.name().equals(name))
                && !distributed.containsKey(name)) {
            throw new NoSuchElementException("there is no feature %s; there are: %s".formatted(name,
                    String.join(", ", distributed.keySet())));
        }
        Feature feature = installer.features().find(name, installer.installed());
        var bundles = new ArrayList<Map<String, Object>>();
        List<Path> paths = installer.bundles().stream().map(BundleFile::path).toList();
        for (Path jar : installer.features().jars(feature, installer.installed())) {
            BundleFile bundle = BundleFile.read(jar);
            bundles.add(Map.of("name", bundle.symbolicName(), "version", bundle.version().toString(),
                    "running", paths.contains(jar), "operations",
                    bundle.ranges().stream().map(BundleFile.Range::toString).toList(),
                    "signers", Signature.of(jar).values().stream().map(Signature::toString).toList()));
        }
        var answer = new LinkedHashMap<String, Object>(state(name, running, distributed));
        answer.put("requires", feature.requires());
        answer.put("required-by", running.stream().filter(each -> each.requires().contains(name))
                .map(Feature::name)
                .toList());
        answer.put("bundles", bundles);
        return answer;
    }

    // Changes

    private void install(Map<String, Object> question, Consumer<String> progress)
            throws Refusal, IOException, InterruptedException {
        List<String> digests = texts(question, "files");
        if (digests.isEmpty()) {
            installer.install(texts(question, "names"), progress);
        } else {
            var files = new ArrayList<Path>();
            for (String digest : digests) {
                files.add(received(digest));
            }
            installer.install(files, GROUP, Boolean.TRUE.equals(question.get("allow-unsigned")), progress);
            for (Path file : files) {
                Files.deleteIfExists(file);
                Files.deleteIfExists(file.getParent());
            }
        }
    }

    private void upgrade(Map<String, Object> question, Consumer<String> progress)
            throws Refusal, IOException, InterruptedException {
        if (texts(question, "files").isEmpty()) {
            installer.upgrade(progress);
        } else {
            install(question, progress);
        }
    }

    /** Runs a change on a thread of its own and tells its steps to the caller, as long as that is there. */
    private Map<String, Object> job(Map<String, Object> question, Change change)
            throws Refusal, IOException, InterruptedException {
        Job job = new Job();
        synchronized (jobs) {
            jobs.put(job.id, job);
            jobs.keySet().removeAll(jobs.keySet().stream().limit(Math.max(0, jobs.size() - REMEMBERED_JOBS))
                    .toList());
        }
        Thread.ofPlatform().name("myclerk-installer").start(() -> {
            try {
                change.run(job.steps::add);
            } catch (Refusal | IOException | InterruptedException | RuntimeException e) {
                job.failure = e;
            } finally {
                job.done = true;
                job.steps.add(END);
            }
        });
        if (question.get("progress") instanceof Consumer<?> told) {
            @SuppressWarnings("unchecked")
            Consumer<String> progress = (Consumer<String>) told;
            progress.accept(job.id);
            for (String step = job.steps.take(); !step.equals(END); step = job.steps.take()) {
                progress.accept(step);
            }
        }
        switch (job.failure) {
            case null -> {
                return Map.of("job", job.id);
            }
            case Refusal refusal -> throw refusal;
            case IOException broken -> throw broken;
            case Exception other -> throw new IllegalStateException(other);
        }
    }

    private Map<String, Object> outcome(String id) {
        Job job;
        synchronized (jobs) {
            job = jobs.get(id);
        }
        if (job == null) {
            throw new NoSuchElementException("no change of this run has the id " + id);
        }
        Exception failure = job.failure;
        return Map.of("done", job.done, "failure", failure == null ? ""
                : failure instanceof IOException broken
                ? Home.reason(broken) : String.valueOf(failure.getMessage()));
    }

    // Files

    /** Takes a piece of a file; the file is whole once its digest is what was announced. */
    private Map<String, Object> receive(Map<String, Object> question) throws Refusal, IOException {
        String digest = text(question, "digest");
        String name = text(question, "name");
        long size = (Long) question.get("size");
        long offset = (Long) question.get("offset");
        ByteBuffer data = (ByteBuffer) question.get("data");
        if (!digest.matches("[0-9a-f]{64}") || !name.matches("[\\w.+-]{1,128}\\.(jar|json)")) {
            throw new Refusal("a file is sent by its SHA-256 and its name, NAME.jar or NAME.json; got "
                    + name);
        }
        if (size > LARGEST_FILE || offset + data.remaining() > size) {
            throw new Refusal("%s: %d bytes at %d are more than the %d announced, or more than %d".formatted(
                    name, data.remaining(), offset, size, LARGEST_FILE));
        }
        Path folder = Files.createDirectories(received.resolve(digest));
        Path file = folder.resolve(name);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE,
                StandardOpenOption.WRITE)) {
            if (offset > channel.size()) {
                throw new Refusal("%s: bytes from %d on are missing".formatted(name, channel.size()));
            }
            channel.truncate(offset).position(offset);
            while (data.hasRemaining()) {
                channel.write(data);
            }
            return Map.of("size", channel.size());
        } catch (IOException e) {
            Files.deleteIfExists(file);
            Files.deleteIfExists(folder);
            throw e;
        }
    }

    private Path received(String digest) throws Refusal, IOException {
        Path folder = received.resolve(digest);
        if (digest.matches("[0-9a-f]{64}") && Files.isDirectory(folder)) {
            try (Stream<Path> files = Files.list(folder)) {
                Optional<Path> file = files.findFirst();
                if (file.isPresent()) {
                    if (!Durable.digest(file.get()).equals(digest)) {
                        throw new Refusal("%s has not arrived as a whole; send it again".formatted(
                                file.get().getFileName()));
                    }
                    return file.get();
                }
            }
        }
        throw new Refusal("no file with the SHA-256 %s was sent".formatted(digest));
    }

    // Vendors and settings

    private Map<String, Object> trust(Map<String, Object> question)
            throws Refusal, IOException, InterruptedException {
        installer.vendors().trust(text(question, "fingerprint"), text(question, "name"));
        extensions.retry();
        return Map.of();
    }

    private Map<String, Object> set(Map<String, Object> question)
            throws Refusal, IOException, InterruptedException {
        String pid = text(question, "pid");
        List<String> values = texts(question, "values");
        AD definition = Settings.find(Settings.known(installer.bundles()), pid, text(question, "key"));
        Settings.check(definition, pid, values);
        settings.set(definition, pid, values);
        installer.configure();
        return Map.of();
    }
}
