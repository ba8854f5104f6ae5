package org.myclerk.runtime.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The device files of one kind in a folder, and which of them this user may not use.
 *
 * @param count of all
 * @param closed those that cannot be read and written
 */
record DeviceFiles(int count, List<Path> closed) {

    /** @param name what the files' names match */
    static DeviceFiles in(Path folder, String name) throws IOException {
        List<Path> closed = new ArrayList<>();
        int count = 0;
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(path -> path.getFileName().toString().matches(name)).sorted()
                    .toList()) {
                count++;
                if (!Files.isReadable(file) || !Files.isWritable(file)) {
                    closed.add(file);
                }
            }
        }
        return new DeviceFiles(count, closed);
    }

    /**
     * What makes the closed ones usable: joining the group that has them, or a udev rule that gives them to
     * one.
     *
     * @param subsystem of the kernel: {@code i2c-dev}
     * @param usual the group that Linux for boards gives them to
     */
    String advice(String subsystem, String usual) {
        String group = group(closed.getFirst());
        if (group.equals("root") || group.isEmpty()) {
            return ("sudo groupadd -f %2$s; put SUBSYSTEM==\"%1$s\", GROUP=\"%2$s\", MODE=\"0660\" into "
                    + "/etc/udev/rules.d/60-myclerk.rules; sudo udevadm control --reload; sudo udevadm "
                    + "trigger; "
                    + "sudo usermod -aG %2$s \"$USER\", then log in again").formatted(subsystem, usual);
        }
        return "sudo usermod -aG %s \"$USER\", then log in again".formatted(group);
    }

    private static String group(Path file) {
        try {
            return Files.getAttribute(file, "posix:group").toString();
        } catch (IOException | UnsupportedOperationException _) {
            return "";
        }
    }
}
