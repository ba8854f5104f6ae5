package org.myclerk.runtime;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * The folder {@code extensions} of a home: a bundle that is put there is installed, one that is taken away is
 * removed. What is refused stays where it is; the log says why, and it is tried again when it changes or a
 * vendor is trusted.
 */
final class Extensions implements AutoCloseable {

    /** First part of the ids of features that came from the folder. */
    static final String GROUP = "extension";

    private static final System.Logger LOG = System.getLogger(NodeMain.NAME);

    /**
     * How long nothing may change in the folder before it is looked at: a file is being copied until then.
     */
    private static final long QUIET_MILLIS = 500;

    private final Path folder;
    private final Installer installer;
    private final BooleanSupplier unsignedToo;
    private final WatchService watch;
    private final Thread thread;

    /** What was refused, as it was then. */
    private final Map<Path, Object> refused = new HashMap<>();

    Extensions(Path home, Installer installer, BooleanSupplier unsignedToo) throws IOException {
        this.folder = Files.createDirectories(home.resolve("extensions"));
        this.installer = installer;
        this.unsignedToo = unsignedToo;
        this.watch = folder.getFileSystem().newWatchService();
        folder.register(watch, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY,
                StandardWatchEventKinds.ENTRY_DELETE);
        this.thread = Thread.ofPlatform().daemon().name("myclerk-extensions").start(this::follow);
    }

    private void follow() {
        try {
            scan();
            while (true) {
                for (WatchKey key = watch.take(); key != null; key = watch.poll(QUIET_MILLIS,
                        TimeUnit.MILLISECONDS)) {
                    key.pollEvents();
                    key.reset();
                }
                scan();
            }
        } catch (InterruptedException | ClosedWatchServiceException stopped) {
            LOG.log(Level.DEBUG, "{0} is not followed any more, the node stops", folder);
        } catch (IOException e) {
            LOG.log(Level.ERROR, "{0} is not followed any more: {1}", folder, Home.reason(e));
        }
    }

    /** Tries again what was refused. */
    void retry() throws IOException, InterruptedException {
        synchronized (refused) {
            refused.clear();
        }
        scan();
    }

    private void scan() throws IOException, InterruptedException {
        synchronized (refused) {
            var there = new HashSet<String>();
            boolean unreadable = false;
            List<Path> files;
            try (Stream<Path> all = Files.list(folder)) {
                files = all.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
            }
            for (Path file : files) {
                Object state = List.of(Files.size(file), Files.getLastModifiedTime(file));
                boolean readable = false;
                try {
                    Feature feature = Feature.of(BundleFile.read(file), GROUP);
                    readable = there.add(feature.name());
                    if (!state.equals(refused.get(file))) {
                        install(file, feature);
                        refused.remove(file);
                    }
                } catch (Refusal | IOException e) {
                    unreadable |= !readable;
                    if (!state.equals(refused.put(file, state))) {
                        LOG.log(Level.ERROR, "extensions: {0}",
                                e instanceof IOException broken ? Home.reason(broken) : e.getMessage());
                    }
                }
            }
            if (!unreadable) {
                removeOthers(there);
            }
        }
    }

    /** Installs a jar unless it is. */
    private void install(Path file, Feature feature) throws Refusal, IOException, InterruptedException {
        String digest = Durable.digest(file).substring(0, 16);
        boolean installed = installer.installed().pinned(feature.name())
                .filter(known -> known.bundles().stream()
                .anyMatch(item -> item.file().endsWith(digest + ".jar"))).isPresent();
        if (!installed) {
            installer.install(List.of(file), GROUP, unsignedToo.getAsBoolean(), _ -> { });
        }
    }

    private void removeOthers(Set<String> there) throws IOException, InterruptedException {
        List<String> gone = installer.installed().pinned().stream()
                .filter(feature -> feature.id().startsWith(GROUP + ":") && !there.contains(feature.name()))
                .map(Feature::name).toList();
        if (!gone.isEmpty()) {
            try {
                installer.remove(gone, _ -> { });
            } catch (Refusal e) {
                LOG.log(Level.ERROR, "extensions: {0}", e.getMessage());
            }
        }
    }

    /** Follows the folder no more. */
    @Override
    public void close() throws IOException {
        thread.interrupt();
        watch.close();
    }
}
