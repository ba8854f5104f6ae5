package org.myclerk.core;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;

/**
 * The files of test vectors: those of the project, found through {@code myclerk.root}, and those that
 * {@code myclerk.vectors} names, separated by commas.
 *
 * @param name of the file
 */
public record Vectors(String name, JsonObject json) {

    /** Every file. */
    public static List<Vectors> all() {
        List<Vectors> files = new ArrayList<>();
        Path own = root().resolve("docs/spec/vectors");
        files.add(read(own.resolve("wire.json")));
        files.add(read(own.resolve("wire-2.json")));
        for (String file : System.getProperty("myclerk.vectors", "").split(",")) {
            if (!file.isBlank()) {
                files.add(read(root().resolve(file.strip())));
            }
        }
        return files;
    }

    /** The top of the source tree. */
    public static Path root() {
        String root = System.getProperty("myclerk.root");
        return Path.of(root != null ? root : "../..");
    }

    /** Reads one file of JSON. */
    public static Vectors read(Path file) {
        try (InputStream in = Files.newInputStream(file); JsonReader reader = Json.createReader(in)) {
            return new Vectors(file.getFileName().toString(), reader.readObject());
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** A group of this file. */
    public JsonObject group(String key) {
        return json.getJsonObject(key);
    }

    /** A group of {@code extra}, empty if the file has none of that name. */
    public JsonObject extra(String key) {
        JsonObject extra = json.containsKey("extra") ? group("extra") : JsonValue.EMPTY_JSON_OBJECT;
        return extra.containsKey(key) ? extra.getJsonObject(key) : JsonValue.EMPTY_JSON_OBJECT;
    }

    /** Bytes of a member written in hexadecimal. */
    public static byte[] hex(JsonObject object, String key) {
        return HexFormat.of().parseHex(object.getString(key));
    }

    /** An unsigned number of a member. */
    public static long number(JsonObject object, String key) {
        return object.getJsonNumber(key).longValueExact();
    }

    /** Every text in hexadecimal, of at most 4 KiB, whose name passes: seeds for fuzz targets. */
    public static Stream<byte[]> samples(Predicate<String> wanted) {
        List<byte[]> found = new ArrayList<>();
        for (Vectors vectors : all()) {
            collect(vectors.json(), "", wanted, found);
        }
        if (found.isEmpty()) {
            throw new AssertionError("no vectors of that name");
        }
        return found.stream();
    }

    private static void collect(JsonValue value, String name, Predicate<String> wanted, List<byte[]> found) {
        switch (value) {
            case JsonObject object -> object.forEach((key, member) -> collect(member, key, wanted, found));
            case JsonArray array -> array.forEach(element -> collect(element, name, wanted, found));
            case JsonString text when wanted.test(name)
                    && text.getString().matches("([0-9a-f]{2}){1,4096}") ->
                found.add(HexFormat.of().parseHex(text.getString()));
            default -> { }
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
