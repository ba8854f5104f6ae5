package org.myclerk.core.fuzz;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Predicate;

import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import org.myclerk.core.Vectors;

/** Good inputs, taken from the vectors. */
final class Samples {

    private Samples() {
    }

    /** Every text in hexadecimal, of at most 4 KiB, whose name in the vectors passes. */
    static List<byte[]> named(Predicate<String> name) {
        List<byte[]> found = new ArrayList<>();
        for (Vectors vectors : Vectors.all()) {
            collect(vectors.json(), "", name, found);
        }
        if (found.isEmpty()) {
            throw new AssertionError("no vectors of that name");
        }
        return found;
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
}
