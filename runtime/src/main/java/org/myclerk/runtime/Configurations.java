package org.myclerk.runtime;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;

/**
 * Configurations by PID: those of the features, then {@code config.json} of the home, then {@code --set}.
 * Both files have the Configurator's form:
 * <pre>{@code { "org.myclerk.core": { "maxSessions": 10000 } }}</pre>
 * Values are held as strings and arrays of strings, unless their key names a type
 * ({@code "ports:Integer[]"}); Declarative Services converts them to what a component declares.
 */
final class Configurations {

    static final String PREFIX = "org.myclerk.";

    /** PID of the node itself: {@code home}, {@code listen}. Handed out last: then it begins to listen. */
    static final String NODE = PREFIX + "core.node";

    /** PID of the launcher's own settings: {@code level}, {@code file}. */
    static final String LOG = PREFIX + "log";

    /** PID of the installer's settings: {@code allowUnsigned}, {@code probationSeconds}. */
    static final String FEATURES = PREFIX + "features";

    private static final String RESOURCE_VERSION = ":configurator:resource-version";
    private static final Set<String> OF_A_RESOURCE = Set.of(RESOURCE_VERSION, ":configurator:symbolic-name",
            ":configurator:version");
    private static final Set<String> OF_A_CONFIGURATION = Set.of(":configurator:policy",
            ":configurator:ranking");

    private final Map<String, Map<String, Object>> byPid = new TreeMap<>();

    /** The PIDs, in order. */
    Set<String> pids() {
        return byPid.keySet();
    }

    /** Values by key: strings, arrays of strings, and values of a type that a key has named. */
    Map<String, Object> get(String pid) {
        return byPid.getOrDefault(pid, Map.of());
    }

    /** Whether the other configurations say the same of a PID. */
    boolean same(Configurations other, String pid) {
        return byPid.containsKey(pid) == other.byPid.containsKey(pid)
                && Objects.deepEquals(flat(get(pid)), flat(other.get(pid)));
    }

    private static Object[] flat(Map<String, Object> values) {
        return values.entrySet().stream().flatMap(entry -> Stream.of(entry.getKey(), entry.getValue()))
                .toArray();
    }

    void put(String pid, String key, Object value) {
        byPid.computeIfAbsent(pid, _ -> new TreeMap<>()).put(key, value);
    }

    /**
     * Overlays a file, if there is one.
     *
     * @throws Refusal naming the file and the place in it that is wrong
     */
    void overlay(Path file) throws Refusal {
        if (Files.exists(file)) {
            overlay(Feature.object(file), file.toString());
        }
    }

    /**
     * Overlays an object of PIDs in the Configurator's form (OSGi Compendium 8, chapter 150). Ranking and
     * policy are taken and mean nothing: what goes before what is fixed, and nobody else changes a
     * configuration.
     *
     * @throws Refusal naming the key that is unknown, or the value that is not of the type that its key names
     */
    void overlay(JsonObject configurations, String file) throws Refusal {
        for (var entry : configurations.entrySet()) {
            String pid = entry.getKey();
            if (pid.startsWith(":")) {
                known(pid, OF_A_RESOURCE, file);
                if (pid.equals(RESOURCE_VERSION) && !entry.getValue().toString().equals("1")) {
                    throw new Refusal("%s: %s is %s, this release reads 1".formatted(file, pid,
                            entry.getValue()));
                }
                continue;
            }
            if (!(entry.getValue() instanceof JsonObject values)) {
                throw new Refusal("%s: %s must be an object with settings".formatted(file, pid));
            }
            for (var value : values.entrySet()) {
                String key = value.getKey();
                int colon = key.indexOf(':');
                if (colon == 0) {
                    known(key, OF_A_CONFIGURATION, file);
                } else if (colon < 0) {
                    put(pid, key, convert(value.getValue(), file, pid + " " + key));
                } else {
                    String name = key.substring(0, colon);
                    put(pid, name, new TypedValue(key.substring(colon + 1),
                            "%s: %s %s".formatted(file, pid, name))
                            .of(convert(value.getValue(), file, pid + " " + name)));
                }
            }
        }
    }

    /** Overlays what the command line set; a key that was set more than once there becomes a list. */
    void overlay(List<UpOptions.Setting> settings) {
        var seen = new HashSet<String>();
        for (UpOptions.Setting setting : settings) {
            Object value = setting.value();
            if (!seen.add(setting.pid() + " " + setting.key())) {
                var list = new ArrayList<String>();
                switch (get(setting.pid()).get(setting.key())) {
                    case String[] values -> list.addAll(List.of(values));
                    case Object single -> list.add(single.toString());
                }
                list.add(setting.value());
                value = list.toArray(String[]::new);
            }
            put(setting.pid(), setting.key(), value);
        }
    }

    private static void known(String key, Set<String> keys, String file) throws Refusal {
        if (!keys.contains(key)) {
            throw new Refusal("%s: the key \"%s\" is unknown; known are %s".formatted(file, key,
                    String.join(", ", new TreeSet<>(keys))));
        }
    }

    private static Object convert(JsonValue value, String file, String where) throws Refusal {
        return switch (value.getValueType()) {
            case ARRAY -> {
                var list = new ArrayList<String>();
                for (JsonValue item : value.asJsonArray()) {
                    list.add(text(item, file, where));
                }
                yield list.toArray(String[]::new);
            }
            case STRING, NUMBER, TRUE, FALSE, NULL, OBJECT -> text(value, file, where);
        };
    }

    private static String text(JsonValue value, String file, String where) throws Refusal {
        return switch (value.getValueType()) {
            case STRING -> ((JsonString) value).getString();
            case NUMBER, TRUE, FALSE -> value.toString();
            case NULL, OBJECT, ARRAY -> throw new Refusal(
                    "%s: %s must be a text, a number, true or false, or a list of these".formatted(file,
                            where));
        };
    }
}
