package org.myclerk.runtime;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The folder of a node while the node runs: for its owner only, and locked. {@code run/lock} is held (an
 * exclusive lock of the whole file) as long as the process lives and holds its process id; {@code run/cache}
 * is the framework's.
 */
final class Home implements AutoCloseable {

    private static final Set<PosixFilePermission> FOLDER = PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> FILE = PosixFilePermissions.fromString("rw-------");

    private final Path folder;
    private final FileChannel lock;

    private Home(Path folder, FileChannel lock) {
        this.folder = folder;
        this.lock = lock;
    }

    /**
     * Creates the folder if need be, takes the rights of others away from it and locks it.
     *
     * @throws StartFailure if it cannot be used, or another node runs on it
     */
    static Home open(Path folder) throws StartFailure {
        try {
            if (Files.exists(folder) && isForeign(folder)) {
                throw StartFailure.failed(("%s is open to others and holds files that are no node's; name "
                        + "another folder with --home, or close this one with chmod 700").formatted(folder));
            }
            ownerOnly(folder);
            ownerOnly(folder.resolve("run"));
            ownerOnly(folder.resolve("run/cache"));
            restrictFiles(folder);
            return new Home(folder, lock(folder));
        } catch (IOException e) {
            throw StartFailure.failed("the home %s cannot be used: %s; name another one with --home"
                    .formatted(folder, reason(e)));
        }
    }

    private static FileChannel lock(Path folder) throws IOException, StartFailure {
        FileChannel channel = FileChannel.open(folder.resolve("run/lock"), Set.of(StandardOpenOption.CREATE,
                StandardOpenOption.READ, StandardOpenOption.WRITE), attributes(folder, FILE));
        FileLock lock = channel.tryLock();
        if (lock == null) {
            try (channel) {
                ByteBuffer id = ByteBuffer.allocate(20);
                channel.read(id);
                throw StartFailure.failed(("a node already runs on %s (process %s); stop it first, or give "
                        + "this one another home with --home").formatted(folder,
                        new String(id.array(), 0, id.position(), StandardCharsets.US_ASCII).strip()));
            }
        }
        channel.truncate(0);
        channel.write(StandardCharsets.US_ASCII.encode(ProcessHandle.current().pid() + "\n"));
        return channel;
    }

    /** Whether others may look in and what is there is no node's: such a folder is left as it is. */
    private static boolean isForeign(Path folder) throws IOException {
        if (!isPosix(folder) || FOLDER.containsAll(Files.getPosixFilePermissions(folder))
                || Files.exists(folder.resolve("run")) || Files.exists(folder.resolve("config.json"))) {
            return false;
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.findAny().isPresent();
        }
    }

    private static void ownerOnly(Path folder) throws IOException {
        if (Files.exists(folder)) {
            if (!Files.isDirectory(folder)) {
                throw new NotDirectoryException(folder.toString());
            }
            if (isPosix(folder)) {
                Files.setPosixFilePermissions(folder, FOLDER);
            }
        } else {
            Path parent = folder.getParent();
            Files.createDirectories(parent);
            Files.createDirectory(folder, attributes(parent, FOLDER));
        }
    }

    private static void restrictFiles(Path folder) throws IOException {
        if (isPosix(folder)) {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.filter(Home::isPlain).toList()) {
                    var rights = new HashSet<>(Files.getPosixFilePermissions(file));
                    if (rights.retainAll(FILE)) {
                        Files.setPosixFilePermissions(file, rights);
                    }
                }
            }
        }
    }

    private static boolean isPlain(Path file) {
        return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
    }

    private static FileAttribute<?>[] attributes(Path where, Set<PosixFilePermission> rights)
            throws IOException {
        return isPosix(where)
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(rights)}
                : new FileAttribute<?>[0];
    }

    private static boolean isPosix(Path path) throws IOException {
        return Files.getFileStore(path).supportsFileAttributeView("posix");
    }

    /** What went wrong with a file, for people. */
    static String reason(IOException e) {
        return switch (e) {
            case AccessDeniedException _ -> "permission denied";
            case NoSuchFileException missing -> missing.getFile() + " does not exist";
            case NotDirectoryException file -> file.getFile() + " is not a folder";
            case FileAlreadyExistsException file -> file.getFile() + " is not a folder";
            case FileSystemException other when other.getReason() != null ->
                other.getReason().toLowerCase(Locale.ROOT);
            default -> String.valueOf(e.getMessage());
        };
    }

    Path folder() {
        return folder;
    }

    /** The framework's folder; nothing in it is of value. */
    Path cache() {
        return folder.resolve("run/cache");
    }

    /** Releases the lock. */
    @Override
    public void close() throws IOException {
        lock.close();
    }
}
