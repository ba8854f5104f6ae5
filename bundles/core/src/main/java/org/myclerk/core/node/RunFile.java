package org.myclerk.core.node;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

import org.myclerk.api.transport.Endpoint;

/** Where the node of a home can be reached while it runs: {@code run/listening}, with its process id. */
final class RunFile {

    private RunFile() {
    }

    static Path in(Path home) {
        return home.resolve("run").resolve("listening");
    }

    /** @param endpoint one the node listens at; a wildcard address becomes the loopback address */
    static void write(Path home, Endpoint endpoint) throws IOException {
        Path file = in(home);
        Files.createDirectories(file.getParent());
        Endpoint local = !NodeCore.wildcard(endpoint.host()) ? endpoint
                : new Endpoint(endpoint.scheme(), "127.0.0.1", endpoint.port());
        Files.writeString(file, ProcessHandle.current().pid() + " " + local + "\n");
    }

    /**
     * Whether no launcher holds the home: it locks {@code run/lock} as long as it lives, and leaves the file
     * there. A process id alone may have gone to another process.
     */
    private static boolean unlocked(Path home) throws IOException {
        Path lock = home.resolve("run").resolve("lock");
        if (!Files.exists(lock)) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE);
                FileLock free = channel.tryLock()) {
            return free != null;
        } catch (OverlappingFileLockException held) {
            return false;
        }
    }

    /** The endpoint, if the process that wrote the file lives. */
    static Optional<Endpoint> read(Path home) {
        try {
            if (unlocked(home)) {
                return Optional.empty();
            }
            String[] words = Files.readString(in(home)).strip().split(" ");
            boolean alive = ProcessHandle.of(Long.parseLong(words[0])).map(ProcessHandle::isAlive)
                    .orElse(false);
            return alive ? Optional.of(Endpoint.parse(words[1])) : Optional.empty();
        } catch (IOException | IllegalArgumentException | ArrayIndexOutOfBoundsException none) {
            return Optional.empty();
        }
    }
}
