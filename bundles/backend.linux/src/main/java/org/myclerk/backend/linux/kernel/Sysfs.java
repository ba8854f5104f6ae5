package org.myclerk.backend.linux.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Files below {@code /sys}: one value each. */
public final class Sysfs {

    private static final int PAGE = 4096;

    private Sysfs() {
    }

    /** What an attribute holds, without the newline at its end. */
    public static String read(Path attribute) throws KernelException {
        try (KernelFile file = KernelFile.open(attribute, KernelFile.O_RDONLY);
                Arena arena = Arena.ofConfined()) {
            MemorySegment page = arena.allocate(PAGE);
            int length = file.read(page);
            byte[] bytes = page.asSlice(0, length).toArray(JAVA_BYTE);
            return new String(bytes, StandardCharsets.UTF_8).strip();
        }
    }

    /** What an attribute holds, or the empty text if it cannot be read. */
    public static String readOrEmpty(Path attribute) {
        try {
            return Files.exists(attribute) ? read(attribute) : "";
        } catch (KernelException _) {
            return "";
        }
    }

    /** Sets an attribute. */
    public static void write(Path attribute, String value) throws KernelException {
        try (KernelFile file = KernelFile.open(attribute, KernelFile.O_WRONLY);
                Arena arena = Arena.ofConfined()) {
            byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
            MemorySegment text = arena.allocate(bytes.length);
            text.copyFrom(MemorySegment.ofArray(bytes));
            file.write(text);
        }
    }

    /**
     * Whether a device and all that it hangs from are on some of these buses; not if the kernel does not
     * tell.
     */
    public static boolean behindOnly(Path device, Set<String> buses) {
        try {
            for (Path at = device.toRealPath(); at != null; at = at.getParent()) {
                Path bus = at.resolve("subsystem");
                if (Files.exists(bus) && !buses.contains(bus.toRealPath().getFileName().toString())) {
                    return false;
                }
            }
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    /** Changes when something else has taken the name: a device that was plugged in again. */
    public static String identity(Path file) {
        try {
            return String.valueOf(Files.readAttributes(file, BasicFileAttributes.class).fileKey());
        } catch (IOException _) {
            return "";
        }
    }

    /** The names in a folder, sorted; none if it is not there. */
    public static List<String> list(Path folder) {
        TreeSet<String> names = new TreeSet<>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
                entries.forEach(entry -> names.add(entry.getFileName().toString()));
            } catch (IOException _) {
                // It went away meanwhile.
            }
        }
        return List.copyOf(names);
    }
}
