package org.myclerk.backend.jserialcomm;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

import org.myclerk.device.serial.SerialPort.Feature;

/** Finds the serial ports of the machine in sysfs, and those that the configuration names. */
final class PortScan {

    /** The kernel's names of serial ports, not those of consoles and pseudo-terminals. */
    private static final Pattern SERIAL = Pattern.compile(
            "tty(S|USB|ACM|AMA|AP|XRUSB|O|mxc|SC|SAC|THS|GS|PS|LP|UL|HS|MAX|WCH|CH343USB)\\d+|rfcomm\\d+");

    private final Path dev;
    private final Path sys;
    private final List<String> named;

    /**
     * A port that is there.
     *
     * @param path what to open
     * @param key changes when another device has taken the path
     */
    record Found(String id, String name, String place, Path path, String key, Set<Feature> features,
            boolean wire) {
    }

    /** What sysfs tells of a USB device. */
    private record Usb(String vendor, String product, String serial, String name, String port, String part) {

        String id() {
            String own = serial.isEmpty() ? "at-" + port : serial;
            String id = "usb-%s-%s-%s".formatted(vendor, product, own.replaceAll("[^A-Za-z0-9._:-]", "_"));
            return part.equals("00") ? id : id + "-if" + part;
        }
    }

    /**
     * @param dev where device files are, usually {@code /dev}
     * @param sys where sysfs is, usually {@code /sys}
     * @param named paths that are offered beside what sysfs lists, whatever they are called
     */
    PortScan(Path dev, Path sys, List<String> named) {
        this.dev = dev;
        this.sys = sys;
        this.named = List.copyOf(named);
    }

    /** What is there now, by id. */
    Map<String, Found> scan() {
        Map<String, Found> found = new TreeMap<>();
        for (Found port : listed().values()) {
            Found before = found.putIfAbsent(port.id, port);
            if (before != null) {
                // Two adapters of one make with one serial number: the place tells them apart.
                found.put(port.id + "@" + port.path.getFileName(), renamed(port));
            }
        }
        for (String path : named) {
            Path file = Path.of(path);
            if (Files.exists(file)) {
                found.putIfAbsent(path, named(path, file));
            }
        }
        return found;
    }

    private static Found renamed(Found port) {
        return new Found(port.id + "@" + port.path.getFileName(), port.name, port.place, port.path, port.key,
                port.features, port.wire);
    }

    private static Found named(String path, Path file) {
        String real;
        try {
            real = file.toRealPath().toString();
        } catch (IOException vanishedMeanwhile) {
            real = path;
        }
        boolean pseudo = real.startsWith("/dev/pts/");
        return new Found(path, pseudo ? "Pseudo-terminal" : "Serial port", path, file, real,
                pseudo ? EnumSet.noneOf(Feature.class) : EnumSet.allOf(Feature.class), !pseudo);
    }

    private Map<String, Found> listed() {
        Map<String, Found> found = new LinkedHashMap<>();
        Path classes = sys.resolve("class").resolve("tty");
        if (!Files.isDirectory(classes)) {
            return found;
        }
        Map<String, Path> sorted = new TreeMap<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(classes)) {
            entries.forEach(entry -> sorted.put(entry.getFileName().toString(), entry));
        } catch (IOException e) {
            return found;
        }
        sorted.forEach((name, entry) -> {
            Path path = dev.resolve(name);
            // Type 0 is a place for a UART where none was found.
            if (SERIAL.matcher(name).matches() && !text(entry.resolve("type")).equals("0")
                    && Files.exists(path)) {
                found.put(name, port(name, entry, path));
            }
        });
        return found;
    }

    private Found port(String name, Path entry, Path path) {
        Optional<Usb> usb = usb(entry.resolve("device"));
        if (usb.isPresent()) {
            Usb it = usb.get();
            return new Found(it.id(), it.name.isEmpty() ? "USB serial port" : it.name,
                    "USB %s, %s".formatted(it.port, path), path, it.toString(),
                    EnumSet.of(Feature.CONTROL_LINES, Feature.BREAK), true);
        }
        return new Found(name, "Serial port", path.toString(), path, name, EnumSet.allOf(Feature.class),
                true);
    }

    /** Climbs from the port's device to the USB device it is part of. */
    private static Optional<Usb> usb(Path device) {
        try {
            Path part = device.toRealPath();
            String partNumber = "00";
            for (Path at = part; at != null; at = at.getParent()) {
                if (Files.exists(at.resolve("bInterfaceNumber"))) {
                    partNumber = text(at.resolve("bInterfaceNumber"));
                }
                if (Files.exists(at.resolve("idVendor"))) {
                    return Optional.of(new Usb(text(at.resolve("idVendor")), text(at.resolve("idProduct")),
                            text(at.resolve("serial")),
                            (text(at.resolve("manufacturer")) + " " + text(at.resolve("product"))).strip(),
                            at.getFileName().toString(), partNumber));
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static String text(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file).strip() : "";
        } catch (IOException vanishedMeanwhile) {
            return "";
        }
    }
}
