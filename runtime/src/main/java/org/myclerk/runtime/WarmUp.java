package org.myclerk.runtime;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Makes the AOT cache (JEP 514) that later starts use: lets a second, throw-away node start and end while
 * this one already works, with a low priority. {@code bin/myclerk} names the file in a system property if it
 * is not there yet; its name changes with the jars.
 */
final class WarmUp implements AutoCloseable {

    /** System property: the file to be made. */
    static final String FILE = "myclerk.aot";

    /** System property of the throw-away node, which ends as soon as it is ready. */
    static final String TRAINING = "myclerk.training";

    private static final System.Logger LOG = System.getLogger(NodeMain.NAME);

    private final Thread thread;
    private volatile Process training;

    private WarmUp(Path file) {
        this.thread = Thread.ofPlatform().daemon().name("myclerk-warm-up").unstarted(() -> make(file));
    }

    /** Begins, if a cache is missing. */
    static WarmUp begin() {
        String file = System.getProperty(FILE);
        WarmUp warmUp = new WarmUp(Path.of(file == null ? "" : file));
        if (file != null) {
            warmUp.thread.start();
        }
        return warmUp;
    }

    private void make(Path file) {
        Path lock = file.resolveSibling(file.getFileName() + ".lock");
        Path made = file.resolveSibling(file.getFileName() + ".new");
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
                FileLock held = channel.tryLock()) {
            if (held != null && !Files.exists(file)) {
                Path home = Files.createTempDirectory("myclerk");
                try {
                    train(made, home);
                    Files.move(made, file, StandardCopyOption.ATOMIC_MOVE);
                    clearOthers(file);
                } finally {
                    delete(home);
                    Files.deleteIfExists(made);
                }
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "no AOT cache: {0}", Home.reason(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void train(Path made, Path home) throws IOException, InterruptedException {
        ProcessHandle.Info self = ProcessHandle.current().info();
        Optional<String[]> arguments = self.arguments();
        if (self.command().isEmpty() || arguments.isEmpty()) {
            throw new IOException("the system does not tell how this process was started");
        }
        var command = new ArrayList<>(List.of("nice", "-n", "10", self.command().get()));
        for (String argument : arguments.get()) {
            if (argument.equals(NodeMain.class.getName())) {
                break;
            }
            if (!argument.startsWith("-D" + FILE)) {
                command.add(argument);
            }
        }
        // What the second compiler does, it does again at every later start, for longer than that takes.
        // Level 1 would be quicker still, but what was compiled so stays so: a node under load then takes
        // twice the time.
        command.addAll(List.of("-XX:TieredStopAtLevel=2", "-XX:AOTCacheOutput=" + made,
                "-D" + TRAINING + "=true", NodeMain.class.getName(), "up", "--home", home.toString(),
                "--listen", "127.0.0.1:0", "--features",
                "minimal"));
        training = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        if (training.waitFor() != 0 || !Files.exists(made)) {
            throw new IOException("the training run failed");
        }
    }

    private static void clearOthers(Path file) throws IOException {
        try (Stream<Path> files = Files.list(file.getParent())) {
            for (Path other : files.filter(each -> each.toString().endsWith(".aot") && !each.equals(file))
                    .toList()) {
                Files.deleteIfExists(other);
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.toList().reversed()) {
                Files.deleteIfExists(file);
            }
        }
    }

    /** Ends the throw-away node. */
    @Override
    public void close() {
        Process running = training;
        if (running != null) {
            running.descendants().forEach(ProcessHandle::destroyForcibly);
            running.destroyForcibly();
        }
        thread.interrupt();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
