package org.myclerk.runtime;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

import jakarta.json.Json;
import jakarta.json.JsonException;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import jakarta.json.stream.JsonParsingException;

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

    private final Map<String, Map<String, Object>> byPid = new TreeMap<>();

    /** The PIDs, in order. */
    Set<String> pids() {
        return byPid.keySet();
    }

    /** Values by key: strings, and arrays of strings. */
    Map<String, Object> get(String pid) {
        return byPid.getOrDefault(pid, Map.of());
    }

    void put(String pid, String key, Object value) {
        byPid.computeIfAbsent(pid, _ -> new TreeMap<>()).put(key, value);
    }

    /**
     * Overlays a file, if there is one.
     *
     * @throws StartFailure naming the file and the place in it that is wrong
     */
    void overlay(Path file) throws StartFailure {
        if (Files.exists(file)) {
            overlay(readObject(file), file);
        }
    }

    /** Overlays an object of PIDs; keys that begin with a colon are the Configurator's own and skipped. */
    void overlay(JsonObject configurations, Path file) throws StartFailure {
        for (var entry : configurations.entrySet()) {
            String pid = entry.getKey();
            if (pid.startsWith(":")) {
                continue;
            }
            if (!(entry.getValue() instanceof JsonObject values)) {
                throw StartFailure.failed("%s: %s must be an object with settings".formatted(file, pid));
            }
            for (var value : values.entrySet()) {
                put(pid, value.getKey(), convert(value.getValue(), file, pid + " " + value.getKey()));
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

    private static Object convert(JsonValue value, Path file, String where) throws StartFailure {
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

    private static String text(JsonValue value, Path file, String where) throws StartFailure {
        return switch (value.getValueType()) {
            case STRING -> ((JsonString) value).getString();
            case NUMBER, TRUE, FALSE -> value.toString();
            case NULL, OBJECT, ARRAY -> throw StartFailure.failed(
                    "%s: %s must be a text, a number, true or false, or a list of these".formatted(file,
                            where));
        };
    }

    /** Reads a file that holds one JSON object. */
    static JsonObject readObject(Path file) throws StartFailure {
        try (Reader in = Files.newBufferedReader(file); JsonReader json = Json.createReader(in)) {
            return json.readObject();
        } catch (JsonParsingException e) {
            throw StartFailure.failed("%s is not JSON: line %d, column %d".formatted(file,
                    e.getLocation().getLineNumber(), e.getLocation().getColumnNumber()));
        } catch (JsonException e) {
            throw StartFailure.failed(file + " is not a JSON object");
        } catch (IOException e) {
            throw StartFailure.failed("%s cannot be read: %s".formatted(file, Home.reason(e)));
        }
    }
}
