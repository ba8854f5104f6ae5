package org.myclerk.runtime;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonException;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import jakarta.json.stream.JsonParsingException;

/**
 * A feature: what a person installs. Its file is an OSGi Feature (OSGi Compendium 8, chapter 159) with one
 * key of ours, {@code "myclerk:requires": ["base"]}: the features it builds on.
 *
 * @param id {@code group:artifact:version}
 * @param name how a person calls it
 * @param version of the id, as it stands there
 * @param description one line; may be empty
 * @param requires names of features
 * @param bundles in the order to be started
 * @param configurations by PID, in the Configurator's form
 */
record Feature(String id, String name, String version, String description, List<String> requires,
        List<Item> bundles, JsonObject configurations) {

    private static final String ID = "id";
    private static final String DESCRIPTION = "description";
    private static final String REQUIRES = "myclerk:requires";
    private static final String BUNDLES = "bundles";
    private static final String CONFIGURATIONS = "configurations";
    private static final String FILE = "file";

    private static final Pattern COMMENT_OR_TEXT = Pattern.compile(
            "\"(?:[^\"\\\\]|\\\\.)*+\"|//[^\\n]*|/\\*.*?\\*/", Pattern.DOTALL);

    private static final Set<String> KEYS = Set.of("feature-resource-version", ID, "name", DESCRIPTION,
            "categories",
            "docURL", "license", "SCM", "vendor", "complete", REQUIRES, BUNDLES, CONFIGURATIONS);
    private static final Set<String> BUNDLE_KEYS = Set.of(ID, FILE);

    /** What the artifact of a feature's id is called before the feature's own name. */
    private static final String OF_A_FEATURE = ".feature.";

    /**
     * A bundle of a feature.
     *
     * @param id {@code group:artifact:version} or {@code group:artifact:type:classifier:version}
     * @param file name of the jar in the folder where the feature's bundles lie
     */
    record Item(String id, String file) {

        /** The artifact, which for our bundles is the symbolic name. */
        String name() {
            return id.split(":")[1];
        }
    }

    /**
     * Reads a feature file.
     *
     * @throws Refusal naming the file and what is wrong in it
     */
    static Feature read(Path file) throws Refusal {
        return parse(object(file), file.getFileName().toString());
    }

    /** Reads a file that holds one JSON object. */
    static JsonObject object(Path file) throws Refusal {
        try (JsonReader json = Json.createReader(new StringReader(withoutComments(Files.readString(file))))) {
            return json.readObject();
        } catch (JsonParsingException e) {
            throw new Refusal("%s is not JSON: line %d, column %d".formatted(file,
                    e.getLocation().getLineNumber(), e.getLocation().getColumnNumber()));
        } catch (JsonException e) {
            throw new Refusal(file + " is not a JSON object");
        } catch (IOException e) {
            throw new Refusal("%s cannot be read: %s".formatted(file, Home.reason(e)));
        }
    }

    /**
     * The text with blanks for the comments that features and configurations may have ({@code //} and
     * {@code /*}).
     */
    private static String withoutComments(String text) {
        return COMMENT_OR_TEXT.matcher(text).replaceAll(found ->
                Matcher.quoteReplacement(found.group().startsWith("/")
                ? found.group().replaceAll("[^\\n]", " ") : found.group()));
    }

    /**
     * Reads a feature; its name is the last part of its artifact's, {@code serial} of
     * {@code org.myclerk.feature.serial}.
     *
     * @param where what a message calls the file
     */
    static Feature parse(JsonObject object, String where) throws Refusal {
        known(object, KEYS, where);
        String id = object.getString(ID, "");
        String[] parts = id.split(":");
        if (parts.length != 3) {
            throw new Refusal("%s: a feature needs an id group:artifact:version, not \"%s\"".formatted(where,
                    id));
        }
        String name = name(parts[1]);
        if (!name.matches("[A-Za-z0-9][\\w.-]*")) {
            throw new Refusal("%s: \"%s\" is no name of a feature".formatted(where, name));
        }
        var requires = new ArrayList<String>();
        for (JsonValue required : list(object, REQUIRES, where)) {
            if (!(required instanceof JsonString text)) {
                throw new Refusal("%s: %s must hold names".formatted(where, REQUIRES));
            }
            requires.add(text.getString());
        }
        var bundles = new ArrayList<Item>();
        for (JsonValue bundle : list(object, BUNDLES, where)) {
            bundles.add(item(bundle, where));
        }
        JsonValue configurations = object.getOrDefault(CONFIGURATIONS, JsonValue.EMPTY_JSON_OBJECT);
        if (!(configurations instanceof JsonObject byPid)) {
            throw new Refusal("%s: %s must be an object with a PID for each key".formatted(where,
                    CONFIGURATIONS));
        }
        return new Feature(id, name, parts[2], object.getString(DESCRIPTION, ""), requires, bundles, byPid);
    }

    private static String name(String artifact) {
        int at = artifact.indexOf(OF_A_FEATURE);
        return at < 0 ? artifact : artifact.substring(at + OF_A_FEATURE.length());
    }

    private static void known(JsonObject object, Set<String> keys, String where) throws Refusal {
        for (String key : object.keySet()) {
            if (!keys.contains(key)) {
                throw new Refusal("%s: the key \"%s\" is unknown; known are %s".formatted(where, key,
                        String.join(", ", keys.stream().sorted().toList())));
            }
        }
    }

    private static List<JsonValue> list(JsonObject object, String key, String where) throws Refusal {
        JsonValue value = object.getOrDefault(key, JsonValue.EMPTY_JSON_ARRAY);
        if (!(value instanceof JsonArray array)) {
            throw new Refusal("%s: %s must be a list".formatted(where, key));
        }
        return array;
    }

    private static Item item(JsonValue bundle, String where) throws Refusal {
        if (bundle instanceof JsonObject object) {
            known(object, BUNDLE_KEYS, where);
            String id = object.getString(ID, "");
            String file = file(id, where);
            String named = object.getString(FILE, file);
            if (named.contains("/")) {
                throw new Refusal("%s: a bundle's file is a name without a folder, not %s".formatted(where,
                        named));
            }
            return new Item(id, named);
        }
        String id = bundle instanceof JsonString text ? text.getString() : bundle.toString();
        return new Item(id, file(id, where));
    }

    private static String file(String id, String where) throws Refusal {
        String[] parts = id.split(":");
        String file = switch (parts.length) {
            case 3 -> parts[1] + "-" + parts[2] + ".jar";
            case 4 -> parts[1] + "-" + parts[3] + "." + parts[2];
            case 5 -> parts[1] + "-" + parts[4] + "-" + parts[3] + "." + parts[2];
            default -> "";
        };
        if (file.isEmpty() || file.contains("/")) {
            throw new Refusal("%s: a bundle needs an id group:artifact:version, not %s".formatted(where, id));
        }
        return file;
    }

    /** The feature as a file, with the names of its jars. */
    JsonObject json() {
        JsonArrayBuilder items = Json.createArrayBuilder();
        bundles.forEach(item -> items.add(Json.createObjectBuilder().add(ID, item.id())
                .add(FILE, item.file())));
        return Json.createObjectBuilder().add("feature-resource-version", "1.0").add(ID, id)
                .add(DESCRIPTION, description).add(REQUIRES, Json.createArrayBuilder(requires))
                .add(BUNDLES, items).add(CONFIGURATIONS, configurations).build();
    }

    /** Name and version, for people. */
    String label() {
        return name + " " + version;
    }

    /** The feature that consists of one bundle and is called like it; {@code group} begins its id. */
    static Feature of(BundleFile bundle, String group) {
        String id = "%s:%s:%s".formatted(group, bundle.symbolicName(), bundle.version());
        return new Feature(id, name(bundle.symbolicName()), bundle.version().toString(), bundle.title(),
                List.of(),
                List.of(new Item(id, bundle.path().getFileName().toString())), JsonValue.EMPTY_JSON_OBJECT);
    }

    /** The same feature with its jars under other names, in the same order. */
    Feature with(List<String> files) {
        var items = new ArrayList<Item>();
        for (int i = 0; i < files.size(); i++) {
            items.add(new Item(bundles.get(i).id(), files.get(i)));
        }
        return new Feature(id, name, version, description, requires, items, configurations);
    }
}
