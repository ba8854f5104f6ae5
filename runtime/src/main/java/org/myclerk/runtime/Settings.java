package org.myclerk.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;

import jakarta.json.Json;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonValue;
import org.apache.felix.metatype.AD;
import org.apache.felix.metatype.Designate;
import org.apache.felix.metatype.MetaData;
import org.apache.felix.metatype.MetaDataReader;
import org.apache.felix.metatype.OCD;
import org.osgi.service.metatype.AttributeDefinition;

/**
 * What can be set on a node, as the metatype of its bundles says (OSGi Compendium 8, chapter 105), and
 * setting it in {@code config.json} of the home.
 */
final class Settings {

    private final Path file;

    /** @param home the folder with {@code config.json} */
    Settings(Path home) {
        this.file = home.resolve("config.json");
    }

    /** What can be set, by PID and key: of the launcher and of bundles. */
    static Map<String, Map<String, AD>> known(Collection<BundleFile> bundles) throws Refusal {
        var known = new TreeMap<String, Map<String, AD>>();
        try (InputStream in = Settings.class.getResourceAsStream("/OSGI-INF/metatype/runtime.xml")) {
            add(new MetaDataReader().parse(in), known);
        } catch (IOException e) {
            throw new IllegalStateException("the launcher's own metatype cannot be read", e);
        }
        for (BundleFile bundle : bundles) {
            try (JarFile jar = new JarFile(bundle.path().toFile(), false)) {
                for (JarEntry entry : jar.stream().filter(Settings::isMetatype).toList()) {
                    try (InputStream in = jar.getInputStream(entry)) {
                        add(new MetaDataReader().parse(in), known);
                    }
                }
            } catch (IOException e) {
                throw new Refusal("the metatype of %s cannot be read: %s".formatted(bundle.label(),
                        e.getMessage()));
            }
        }
        // The launcher alone knows the home.
        known.computeIfPresent(Configurations.NODE, (_, keys) -> without(keys, "home"));
        return known;
    }

    private static Map<String, AD> without(Map<String, AD> keys, String key) {
        keys.remove(key);
        return keys;
    }

    private static boolean isMetatype(JarEntry entry) {
        return entry.getName().matches("OSGI-INF/metatype/[^/]+\\.xml");
    }

    private static void add(MetaData data, Map<String, Map<String, AD>> known) {
        if (data.getDesignates() != null) {
            for (Object each : data.getDesignates()) {
                Designate designate = (Designate) each;
                OCD definition = (OCD) data.getObjectClassDefinitions()
                        .get(designate.getObject().getOcdRef());
                String pid = designate.getFactoryPid() == null ? designate.getPid()
                        : designate.getFactoryPid();
                if (definition.getAttributeDefinitions() != null) {
                    Map<String, AD> keys = known.computeIfAbsent(pid, _ -> new LinkedHashMap<>());
                    for (Object value : definition.getAttributeDefinitions().values()) {
                        keys.put(((AD) value).getID(), (AD) value);
                    }
                }
            }
        }
    }

    /**
     * Finds the definition of a key.
     *
     * @throws Refusal if there is none, naming those that there are
     */
    static AD find(Map<String, Map<String, AD>> known, String pid, String key) throws Refusal {
        Map<String, AD> keys = known.get(pid.split("~")[0]);
        if (keys == null) {
            throw new Refusal("nothing here is set under %s; there are: %s".formatted(pid,
                    String.join(", ", known.keySet())));
        }
        AD definition = keys.get(key);
        if (definition == null) {
            throw new Refusal("%s has no setting %s; it has: %s".formatted(pid, key,
                    String.join(", ", keys.keySet())));
        }
        return definition;
    }

    /** @throws Refusal naming the key and what it may be, if the values are not allowed */
    static void check(AD definition, String pid, List<String> values) throws Refusal {
        if (definition.getCardinality() == 0 && values.size() > 1) {
            throw new Refusal("%s %s is one value, not %d".formatted(pid, definition.getID(), values.size()));
        }
        for (String value : values) {
            String wrong = definition.validate(value.replace("\\", "\\\\").replace(",", "\\,"));
            if (wrong != null && !wrong.isEmpty() || !fits(definition, value)) {
                throw new Refusal("%s %s must be %s, not \"%s\"".formatted(pid, definition.getID(),
                        range(definition),
                        value));
            }
        }
    }

    /**
     * Checks configurations that features bring, as far as metatype says what they may be.
     *
     * @throws Refusal naming the key that is unknown, or the value that is not allowed
     */
    static void check(Map<String, Map<String, AD>> known, Configurations configurations) throws Refusal {
        for (String pid : configurations.pids()) {
            if (known.containsKey(pid.split("~")[0])) {
                for (var value : configurations.get(pid).entrySet()) {
                    check(find(known, pid, value.getKey()), pid, texts(value.getValue()));
                }
            }
        }
    }

    private static List<String> texts(Object value) {
        return switch (value) {
            case Object[] several -> Stream.of(several).map(String::valueOf).toList();
            case Collection<?> several -> several.stream().map(String::valueOf).toList();
            case Object one -> List.of(one.toString());
        };
    }

    /** Booleans, because the reader takes any word for one of them. */
    private static boolean fits(AD definition, String value) {
        return definition.getType() != AttributeDefinition.BOOLEAN || value.equals("true")
                || value.equals("false");
    }

    /** What a value may be, for people. */
    static String range(AD definition) {
        if (definition.getOptionValues() != null && definition.getOptionValues().length > 0) {
            return "one of " + String.join(", ", definition.getOptionValues());
        }
        String type = switch (definition.getType()) {
            case AttributeDefinition.BOOLEAN -> "true or false";
            case AttributeDefinition.INTEGER, AttributeDefinition.LONG, AttributeDefinition.SHORT,
                    AttributeDefinition.BYTE -> "a whole number";
            case AttributeDefinition.DOUBLE, AttributeDefinition.FLOAT -> "a number";
            default -> "a text";
        };
        String least = definition.getMin();
        String most = definition.getMax();
        boolean text = type.equals("a text");
        return type + (least == null ? "" : text ? " of at least " + least + " characters" : " from " + least)
                + (most == null ? "" : text ? " of at most " + most + " characters"
                        : least == null ? " up to " + most : " to " + most);
    }

    /** Sets a key in the home's file, or takes it out if there are no values; everything else in it stays. */
    void set(AD definition, String pid, List<String> values) throws Refusal, IOException {
        JsonObject before = Files.exists(file) ? Feature.object(file) : JsonValue.EMPTY_JSON_OBJECT;
        JsonObject ofPid = before.get(pid) instanceof JsonObject object ? object
                : JsonValue.EMPTY_JSON_OBJECT;
        JsonObjectBuilder next = Json.createObjectBuilder(ofPid).remove(definition.getID());
        if (!values.isEmpty()) {
            next.add(definition.getID(), value(definition, values));
        }
        Durable.write(file, Json.createObjectBuilder(before).add(pid, next).build());
    }

    private static JsonValue value(AD definition, List<String> values) {
        if (definition.getCardinality() == 0) {
            return value(definition, values.getFirst());
        }
        JsonArrayBuilder list = Json.createArrayBuilder();
        values.forEach(value -> list.add(value(definition, value)));
        return list.build();
    }

    private static JsonValue value(AD definition, String value) {
        return switch (definition.getType()) {
            case AttributeDefinition.BOOLEAN -> Boolean.parseBoolean(value) ? JsonValue.TRUE
                    : JsonValue.FALSE;
            case AttributeDefinition.INTEGER, AttributeDefinition.LONG, AttributeDefinition.SHORT,
                    AttributeDefinition.BYTE -> Json.createValue(Long.parseLong(value.strip()));
            case AttributeDefinition.DOUBLE, AttributeDefinition.FLOAT ->
                    Json.createValue(Double.parseDouble(value.strip()));
            default -> Json.createValue(value);
        };
    }

    /**
     * Everything that can be set.
     *
     * @param effective the configurations as they are
     * @param pid only of this PID; empty for all
     */
    static List<Map<String, Object>> list(Map<String, Map<String, AD>> known, Configurations effective,
            Optional<String> pid) {
        var list = new ArrayList<Map<String, Object>>();
        known.forEach((each, keys) -> {
            if (pid.isEmpty() || pid.get().equals(each)) {
                keys.values().forEach(definition -> list.add(describe(definition, each, effective)));
            }
        });
        return list;
    }

    private static Map<String, Object> describe(AD definition, String pid, Configurations effective) {
        Object value = effective.get(pid).get(definition.getID());
        List<String> standard = definition.getDefaultValue() == null ? List.of()
                : List.of(definition.getDefaultValue());
        List<String> values = value == null ? standard : texts(value);
        return Map.of("pid", pid, "key", definition.getID(), "values", values, "set", value != null,
                "range", range(definition), "description",
                definition.getDescription() == null ? "" : definition.getDescription(),
                "several", definition.getCardinality() != 0);
    }
}
