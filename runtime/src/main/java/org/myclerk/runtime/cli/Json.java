package org.myclerk.runtime.cli;

import java.io.StringReader;
import java.io.StringWriter;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import jakarta.json.JsonArray;
import jakarta.json.JsonException;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import jakarta.json.spi.JsonProvider;
import jakarta.json.stream.JsonGenerator;
import org.myclerk.api.payload.Bytes;

/**
 * JSON to and from the values that {@link org.myclerk.api.payload.Fields} holds. Bytes are {@code "hex:…"}.
 */
final class Json {

    static final String HEX = "hex:";

    private static final BigInteger LONGEST = BigInteger.ONE.shiftLeft(64);

    private Json() {
    }

    /**
     * Reads one value. Text stays text, {@code hex:} or not: whether bytes are meant is the reader's
     * business.
     *
     * @throws Failure with what is wrong and where
     */
    static Object parse(String text) throws Failure {
        try (JsonReader reader = JsonProvider.provider().createReader(new StringReader(text))) {
            return value(reader.readValue());
        } catch (JsonException wrong) {
            throw Failure.usage("this is not JSON: " + wrong.getMessage().lines().findFirst().orElse(""));
        }
    }

    private static Object value(JsonValue value) throws Failure {
        return switch (value.getValueType()) {
            case NULL -> null;
            case TRUE -> true;
            case FALSE -> false;
            case STRING -> ((JsonString) value).getString();
            case NUMBER -> number((JsonNumber) value);
            case ARRAY -> {
                List<Object> list = new ArrayList<>();
                for (JsonValue element : (JsonArray) value) {
                    list.add(value(element));
                }
                yield list;
            }
            case OBJECT -> {
                Map<String, Object> map = new LinkedHashMap<>();
                for (Map.Entry<String, JsonValue> entry : ((JsonObject) value).entrySet()) {
                    map.put(entry.getKey(), value(entry.getValue()));
                }
                yield map;
            }
        };
    }

    private static Object number(JsonNumber number) throws Failure {
        if (!number.isIntegral()) {
            return number.doubleValue();
        }
        BigInteger big = number.bigIntegerValue();
        if (big.bitLength() < 64) {
            return big.longValue();
        }
        if (big.signum() < 0 || big.compareTo(LONGEST) >= 0) {
            throw Failure.usage(big + " does not fit 64 bits");
        }
        return big;
    }

    /** The value on one line, without a line's end. */
    static String line(Object value) {
        StringWriter text = new StringWriter();
        try (JsonGenerator out = JsonProvider.provider().createGenerator(text)) {
            write(out, value);
        }
        return text.toString();
    }

    private static void write(JsonGenerator out, Object value) {
        switch (value) {
            case null -> out.writeNull();
            case Boolean truth -> out.write(truth);
            case BigInteger big -> out.write(big);
            case Double real when real.isNaN() || real.isInfinite() -> out.write(real.toString());
            case Double real -> out.write(real);
            case Number whole -> out.write(whole.longValue());
            case Bytes bytes -> out.write(HEX + bytes.toHex());
            case Iterable<?> list -> {
                out.writeStartArray();
                list.forEach(element -> write(out, element));
                out.writeEnd();
            }
            case Map<?, ?> map -> {
                out.writeStartObject();
                map.forEach((key, element) -> {
                    out.writeKey((String) key);
                    write(out, element);
                });
                out.writeEnd();
            }
            default -> out.write(value.toString());
        }
    }
}
