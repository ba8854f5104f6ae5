package org.myclerk.core.trust;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Files that only their owner can read (0600, folders 0700), replaced as a whole: after a crash there is the
 * old content or the new. Every error is one line for people. On file systems without POSIX rights these are
 * not checked.
 */
final class OwnerOnlyFiles {

    private static final Set<PosixFilePermission> FILE = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> FOLDER = PosixFilePermissions.fromString("rwx------");
    private static final long LARGEST = 1 << 20;

    private OwnerOnlyFiles() {
    }

    /** Makes a folder and those above it; one that is there keeps its rights. */
    static void folder(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            return;
        }
        try {
            Files.createDirectories(folder, attributes(folder, FOLDER));
        } catch (FileAlreadyExistsException file) {
            throw new IOException(file.getFile() + " is a file, not a folder", file);
        } catch (IOException failed) {
            throw explained("make the folder", folder, failed);
        }
    }

    /** Takes everybody else's rights to a folder away. */
    static void close(Path folder) throws IOException {
        if (posix(folder)) {
            try {
                Files.setPosixFilePermissions(folder, FOLDER);
            } catch (IOException failed) {
                throw explained("change the rights of", folder, failed);
            }
        }
    }

    /** @throws IOException if others could put files of their own into the folder */
    static void checkFolder(Path folder) throws IOException {
        if (othersWrite(folder)) {
            throw new IOException("others can write to %s; run: chmod 700 %s".formatted(folder, folder));
        }
    }

    static boolean othersWrite(Path folder) throws IOException {
        if (!posix(folder)) {
            return false;
        }
        Set<PosixFilePermission> rights = Files.getPosixFilePermissions(folder);
        return rights.contains(PosixFilePermission.GROUP_WRITE)
                || rights.contains(PosixFilePermission.OTHERS_WRITE);
    }

    /** @throws IOException if there is none, others can read it, or it cannot be read */
    static byte[] read(Path file) throws IOException {
        try {
            if (posix(file) && !FILE.containsAll(Files.getPosixFilePermissions(file))) {
                throw new IOException("others can read %s; run: chmod 600 %s".formatted(file, file));
            }
            if (Files.size(file) > LARGEST) {
                throw new IOException(file + " is too large to be one of ours; restore it from a backup");
            }
            return Files.readAllBytes(file);
        } catch (FileSystemException failed) {
            throw explained("read", file, failed);
        }
    }

    /** Writes beside the file, forces it to the disk, and puts it in place. */
    static void write(Path file, byte[] content) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.deleteIfExists(fresh);
            try (FileChannel channel = create(fresh)) {
                ByteBuffer bytes = ByteBuffer.wrap(content);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            moveIntoPlace(fresh, file);
        } catch (IOException failed) {
            throw explained("write", file, failed);
        }
    }

    /** A new file that only its owner can open. */
    static FileChannel create(Path file) throws IOException {
        return FileChannel.open(file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                attributes(file, FILE));
    }

    static void moveIntoPlace(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        forceFolder(to.toAbsolutePath().getParent());
    }

    static void delete(Path file) throws IOException {
        try {
            if (Files.deleteIfExists(file)) {
                forceFolder(file.toAbsolutePath().getParent());
            }
        } catch (IOException failed) {
            throw explained("delete", file, failed);
        }
    }

    private static void forceFolder(Path folder) throws IOException {
        if (posix(folder)) {
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    private static boolean posix(Path path) {
        return Files.getFileAttributeView(path, PosixFileAttributeView.class) != null;
    }

    private static FileAttribute<?>[] attributes(Path path, Set<PosixFilePermission> rights) {
        return posix(path) ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(rights)}
                : new FileAttribute<?>[0];
    }

    static IOException explained(String verb, Path path, IOException failed) {
        String why = switch (failed) {
            case NoSuchFileException _ -> "there is no such file";
            case AccessDeniedException _ -> "permission denied; check who owns it";
            case FileAlreadyExistsException _ -> "it exists already";
            case FileSystemException system when system.getReason() != null -> system.getReason();
            default -> failed.getMessage() == null ? failed.getClass().getSimpleName() : failed.getMessage();
        };
        return new IOException("cannot %s %s: %s".formatted(verb, path, why), failed);
    }
}
