package org.myclerk.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Properties;

import org.sqlite.SQLiteJDBCLoader;
import org.sqlite.util.LibraryLoaderUtil;
import org.sqlite.util.OSInfo;

/**
 * Unpacks the native library of the SQLite driver. The driver does so itself, but into the system's folder
 * for temporary files, from which programs may not be loaded everywhere; it compares what it wrote byte by
 * byte, a tenth of a node's start; and what a killed process unpacked stays there.
 */
final class NativeLibrary {

    private static final String LOG = "org.myclerk.store";

    private NativeLibrary() {
    }

    /**
     * Has the driver loaded by a library in a folder, which need not be there yet. Nothing stays in it where
     * the system lets go of files that are in use; elsewhere it goes at a later start.
     */
    static synchronized void load(Path folder) {
        String name = LibraryLoaderUtil.getNativeLibName();
        try (InputStream library = SQLiteJDBCLoader.class.getResourceAsStream("native/" + system() + "/"
                + name)) {
            if (library == null) {
                // The driver has none for this system, looks for one that is installed, and says so if not.
                return;
            }
            Files.createDirectories(folder);
            clear(folder, name);
            // No other copy has its name: a library is loaded once only from one place.
            Path copy = folder.resolve("sqlite-%d-%d-%s".formatted(ProcessHandle.current().pid(),
                    System.nanoTime(),
                    name));
            Files.copy(library, copy);
            loadFrom(copy);
            copy.toFile().delete();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write to " + folder + ": check its owner and its rights",
                    e);
        }
    }

    /**
     * How the driver calls this system. To tell the kinds of Linux apart it runs a program and reads what is
     * mapped, which takes longer than to load the library; a JDK knows what it was built for.
     */
    private static String system() {
        if (System.getProperty("os.name").equals("Linux")) {
            try (InputStream in = Files.newInputStream(Path.of(System.getProperty("java.home"), "release"))) {
                var release = new Properties();
                release.load(in);
                if ("\"gnu\"".equals(release.getProperty("LIBC"))) {
                    return "Linux/" + OSInfo.getArchName();
                }
            } catch (IOException | IllegalArgumentException e) {
                System.getLogger(LOG).log(Level.DEBUG, "this Java has no readable release file", e);
            }
        }
        return OSInfo.getNativeLibFolderPathForCurrentOS();
    }

    private static void loadFrom(Path copy) {
        System.setProperty("org.sqlite.lib.path", copy.getParent().toString());
        System.setProperty("org.sqlite.lib.name", copy.getFileName().toString());
        // There it looks for copies of its own that earlier processes left.
        System.setProperty("org.sqlite.tmpdir", copy.getParent().toString());
        try {
            SQLiteJDBCLoader.initialize();
        } catch (Exception e) {
            System.getLogger(LOG).log(Level.DEBUG, "the SQLite driver does not load", e);
        } finally {
            System.clearProperty("org.sqlite.lib.path");
            System.clearProperty("org.sqlite.lib.name");
            System.clearProperty("org.sqlite.tmpdir");
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
