package org.myclerk.discovery;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

import org.myclerk.api.payload.Bytes;

/**
 * What a node says of itself: an instance of {@code _myclerk._tcp}, named after the node and the first four
 * digits of its id, with {@code v=0 p=1} (profile §17) and {@code id}, the node's id in hexadecimal.
 *
 * @param id 16 bytes
 * @param name of the node
 */
record Announcement(Bytes id, String name) {

    static final String TYPE = "_myclerk._tcp.local.";

    private static final int LONGEST_LABEL = 63;
    private static final int LONGEST_NAME = 64;
    private static final Pattern ID = Pattern.compile("[0-9a-fA-F]{32}");
    private static final Pattern NUMBER = Pattern.compile(" \\(\\d+\\)$");

    /** The instance's name: at most 63 bytes (RFC 6763 §4.1.1). */
    String instance() {
        String end = "-" + digits(id);
        String start = name;
        while (start.getBytes(StandardCharsets.UTF_8).length + end.length() > LONGEST_LABEL) {
            start = start.substring(0, start.offsetByCodePoints(start.length(), -1));
        }
        return start + end;
    }

    Map<String, String> text() {
        Map<String, String> text = new LinkedHashMap<>();
        text.put("v", "0");
        text.put("p", "1");
        text.put("id", id.toHex());
        return text;
    }

    /** Reads what was heard; empty if it is of another version or says no id. */
    static Optional<Announcement> heard(String instance, String version, String id) {
        if (!"0".equals(version) || id == null || !ID.matcher(id).matches()) {
            return Optional.empty();
        }
        Bytes nodeId = Bytes.ofHex(id);
        String name = NUMBER.matcher(instance).replaceFirst("");
        String end = "-" + digits(nodeId);
        if (name.endsWith(end)) {
            name = name.substring(0, name.length() - end.length());
        }
        return Optional.of(new Announcement(nodeId, printable(name)));
    }

    private static String digits(Bytes id) {
        return id.toHex().substring(0, 4);
    }

    private static String printable(String name) {
        return name.codePoints().filter(point -> !Character.isISOControl(point)
                && Character.getType(point) != Character.FORMAT).limit(LONGEST_NAME)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
