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
import java.util.stream.Stream;

import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;

/**
 * Configurations by PID: those of the features, then {@code config.json} of the home, then {@code --set}.
 * Both files have the Configurator's form:
 * <pre>{@code { "org.myclerk.core": { "maxSessions": 10000 } }}</pre>
 * Values are held as strings and lists of strings; Declarative Services converts them to what a component
 * declares.
 */
final class Configurations {

    static final String PREFIX = "org.myclerk.";

    /** PID of the node itself: {@code home}, {@code listen}. Handed out last: then it begins to listen. */
    static final String NODE = PREFIX + "core.node";

    /** PID of the launcher's own settings: {@code level}, {@code file}. */
    static final String LOG = PREFIX + "log";

    /** PID of the installer's settings: {@code allowUnsigned}, {@code probationSeconds}. */
    static final String FEATURES = PREFIX + "features";

    private final Map<String, Map<String, Object>> byPid = new TreeMap<>();

    /** The PIDs, in order. */
    Set<String> pids() {
        return byPid.keySet();
    }

    /** Values by key: strings, and arrays of strings. */
    Map<String, Object> get(String pid) {
        return byPid.getOrDefault(pid, Map.of());
    }

    /** Whether the other configurations say the same of a PID. */
    boolean same(Configurations other, String pid) {
        return byPid.containsKey(pid) == other.byPid.containsKey(pid)
                && Objects.deepEquals(flat(get(pid)), flat(other.get(pid)));
    }

    private static Object[] flat(Map<String, Object> values) {
        return values.entrySet().stream().flatMap(entry -> Stream.of(entry.getKey(), entry.getValue())).toArray();
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

    /** Overlays an object of PIDs; keys that begin with a colon are the Configurator's own and skipped. */
    void overlay(JsonObject configurations, String file) throws Refusal {
        for (var entry : configurations.entrySet()) {
            String pid = entry.getKey();
            if (pid.startsWith(":")) {
                continue;
            }
            if (!(entry.getValue() instanceof JsonObject values)) {
                throw new Refusal("%s: %s must be an object with settings".formatted(file, pid));
            }
            for (var value : values.entrySet()) {
                // "port:Integer" names a type, which a component declares anyway.
                String key = value.getKey().split(":")[0];
                put(pid, key, convert(value.getValue(), file, pid + " " + key));
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
