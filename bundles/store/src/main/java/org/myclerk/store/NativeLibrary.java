package org.myclerk.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;

import org.sqlite.SQLiteJDBCLoader;
import org.sqlite.util.LibraryLoaderUtil;

/**
 * Unpacks the native library of the SQLite driver. The driver does so itself, but into the system's folder for temporary
 * files, from which programs may not be loaded everywhere; it compares what it wrote byte by byte, a tenth of a node's
 * start; and what a killed process unpacked stays there.
 */
final class NativeLibrary {

    private NativeLibrary() {
    }

    /**
     * Has the driver loaded by a library in a folder, which need not be there yet. Nothing stays in it where the system
     * lets go of files that are in use; elsewhere it goes at a later start.
     */
    static synchronized void load(Path folder) {
        String name = LibraryLoaderUtil.getNativeLibName();
        try (InputStream library = SQLiteJDBCLoader.class.getResourceAsStream(
                LibraryLoaderUtil.getNativeLibResourcePath() + "/" + name)) {
            if (library == null) {
                return; // The driver has none for this system, looks for one that is installed, and says so if not.
            }
            Files.createDirectories(folder);
            clear(folder, name);
            // No other copy has its name: a library is loaded once only from one place.
            Path copy = Files.createTempFile(folder, "sqlite-", "-" + name);
            Files.copy(library, copy, StandardCopyOption.REPLACE_EXISTING);
            loadFrom(copy);
            copy.toFile().delete();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write to " + folder + ": check its owner and its rights", e);
        }
    }

    private static void loadFrom(Path copy) {
        System.setProperty("org.sqlite.lib.path", copy.getParent().toString());
        System.setProperty("org.sqlite.lib.name", copy.getFileName().toString());
        try {
            SQLiteJDBCLoader.initialize();
        } catch (Exception e) {
            System.getLogger("org.myclerk.store").log(Level.DEBUG, "the SQLite driver does not load", e);
        } finally {
            System.clearProperty("org.sqlite.lib.path");
            System.clearProperty("org.sqlite.lib.name");
        }
    }

    /** Takes away what processes that are gone left; one that just starts has a minute. */
    private static void clear(Path folder, String name) throws IOException {
        Instant old = Instant.now().minus(Duration.ofMinutes(1));
        try (DirectoryStream<Path> copies = Files.newDirectoryStream(folder, "sqlite-*-" + name)) {
            for (Path copy : copies) {
                if (Files.getLastModifiedTime(copy).toInstant().isBefore(old)) {
                    copy.toFile().delete();
                }
            }
        }
    }
}
