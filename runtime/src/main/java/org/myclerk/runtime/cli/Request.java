package org.myclerk.runtime.cli;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Fields;
import org.myclerk.api.payload.Shape;
import org.myclerk.api.payload.Shape.Field;
import org.myclerk.api.payload.Shape.Type;
import org.myclerk.api.payload.Shape.Value;

/**
 * Makes a request of what a person typed, {@code key=value} or one JSON object, checked against the
 * operation's shape. Without a shape it guesses: numbers, {@code true}, JSON, {@code hex:…}, and text for the
 * rest.
 */
final class Request {

    private static final String TEXT = "text:";
    private static final BigInteger LONGEST = BigInteger.valueOf(Long.MAX_VALUE);

    private Request() {
    }

    /**
     * @param words after the operation
     * @param shape of the request, empty if nobody knows it
     * @throws Failure naming the field
     */
    static Fields of(List<String> words, Optional<Shape> shape) throws Failure {
        Map<String, Object> given = words.size() == 1 && words.getFirst().strip().startsWith("{")
                ? object(words.getFirst(), shape) : pairs(words, shape);
        for (String reserved : Fields.reservedNames()) {
            if (given.containsKey(reserved)) {
                throw Failure.usage("%s: is set by the protocol, leave it out".formatted(reserved));
            }
        }
        if (shape.isPresent()) {
            for (Field field : shape.get().fields()) {
                if (!field.optional() && !given.containsKey(field.name())) {
                    throw Failure.usage("%s: is missing%s".formatted(field.name(), words(field)));
                }
            }
        }
        try {
            return Fields.of(given);
        } catch (IllegalArgumentException wrong) {
            throw Failure.usage(wrong.getMessage());
        }
    }

    private static String words(Field field) {
        return field.help().isEmpty() ? "" : " (" + field.help() + ")";
    }

    private static Map<String, Object> object(String json, Optional<Shape> shape) throws Failure {
        Map<String, Object> result = new LinkedHashMap<>();
        if (Json.parse(json) instanceof Map<?, ?> map) {
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                String key = (String) entry.getKey();
                Optional<Type> type = type(key, shape);
                if (entry.getValue() == null && type.isPresent()) {
                    continue;
                }
                result.put(key, type.isPresent() ? typed(key, type.get(), entry.getValue())
                        : free(entry.getValue()));
            }
        }
        return result;
    }

    private static Map<String, Object> pairs(List<String> words, Optional<Shape> shape) throws Failure {
        Map<String, List<String>> given = new LinkedHashMap<>();
        for (String word : words) {
            int equals = word.indexOf('=');
            if (equals <= 0) {
                throw Failure.usage("\"%s\" is not key=value%s".formatted(word, names(shape)));
            }
            given.computeIfAbsent(word.substring(0, equals), _ -> new ArrayList<>())
                    .add(word.substring(equals + 1));
        }
        Map<String, Object> result = new LinkedHashMap<>();
        for (Map.Entry<String, List<String>> entry : given.entrySet()) {
            String key = entry.getKey();
            List<String> values = entry.getValue();
            Optional<Type> type = type(key, shape);
            if (type.isEmpty()) {
                result.put(key, values.size() == 1 ? guessed(key, values.getFirst()) : guessed(key, values));
            } else if (type.get().kind() == Shape.Kind.LIST) {
                result.put(key, list(key, type.get(), values));
            } else if (values.size() > 1) {
                throw Failure.usage("%s: takes one value, got %d".formatted(key, values.size()));
            } else {
                result.put(key, typed(key, type.get(), values.getFirst()));
            }
        }
        return result;
    }

    private static Optional<Type> type(String key, Optional<Shape> shape) throws Failure {
        if (shape.isEmpty()) {
            return Optional.empty();
        }
        for (Field field : shape.get().fields()) {
            if (field.name().equals(key)) {
                return Optional.of(field.type());
            }
        }
        if (shape.get().open()) {
            return Optional.empty();
        }
        throw Failure.usage("%s: there is no such field%s%s".formatted(key,
                Suggestion.ending(key, shape.get().fields().stream().map(Field::name).toList()),
                names(shape)));
    }

    private static String names(Optional<Shape> shape) {
        if (shape.isEmpty()) {
            return "";
        }
        List<String> names = shape.get().fields().stream().map(Field::name).toList();
        return names.isEmpty() ? "; this operation takes none" : "; it takes " + String.join(", ", names);
    }

    private static Object list(String key, Type type, List<String> values) throws Failure {
        if (values.size() == 1 && values.getFirst().strip().startsWith("[")) {
            return typed(key, type, Json.parse(values.getFirst()));
        }
        return typed(key, type, values);
    }

    /** A value from JSON or from a word, as the type wants it. */
    private static Object typed(String key, Type type, Object value) throws Failure {
        return switch (type.kind()) {
            case BOOL -> truth(key, value);
            case INTEGER -> integer(key, type, value);
            case REAL -> real(key, value);
            case TEXT -> sized(key, type, text(key, value));
            case BYTES -> sized(key, type, bytes(key, value));
            case ENUM -> constant(key, type, value);
            case LIST -> elements(key, type, value);
            case MAP -> map(key, type, value);
            case FREE -> freeMap(key, value);
        };
    }

    private static Object truth(String key, Object value) throws Failure {
        return switch (String.valueOf(value)) {
            case "true", "yes", "on", "1" -> true;
            case "false", "no", "off", "0" -> false;
            default -> throw Failure.usage("%s: %s is neither true nor false".formatted(key, quoted(value)));
        };
    }

    private static Object integer(String key, Type type, Object value) throws Failure {
        BigInteger number = switch (value) {
            case Long whole -> BigInteger.valueOf(whole);
            case BigInteger big -> big;
            case Double real when real == Math.rint(real) -> BigDecimal.valueOf(real).toBigInteger();
            case String word -> parsed(key, word);
            case null, default -> throw Failure.usage("%s: %s is not a whole number".formatted(key,
                    quoted(value)));
        };
        BigInteger min = type.min().map(BigInteger::valueOf).orElse(LONGEST.not());
        BigInteger max = type.max().map(BigInteger::valueOf).orElse(LONGEST);
        if (number.compareTo(min) < 0 || number.compareTo(max) > 0) {
            throw Failure.usage(max.equals(LONGEST) ? "%s: %s is less than %s".formatted(key, number, min)
                    : "%s: %s is not in %s..%s".formatted(key, number, min, max));
        }
        return number.longValue();
    }

    private static BigInteger parsed(String key, String word) throws Failure {
        String digits = word.strip().replace("_", "");
        try {
            if (digits.startsWith("0x") || digits.startsWith("0X")) {
                return new BigInteger(digits.substring(2), 16);
            }
            return new BigInteger(digits);
        } catch (NumberFormatException notANumber) {
            throw Failure.usage("%s: %s is not a number".formatted(key, quoted(word)));
        }
    }

    private static Object real(String key, Object value) throws Failure {
        try {
            return value instanceof Number number ? number.doubleValue()
                    : Double.valueOf(String.valueOf(value));
        } catch (NumberFormatException notANumber) {
            throw Failure.usage("%s: %s is not a number".formatted(key, quoted(value)));
        }
    }

    private static String text(String key, Object value) throws Failure {
        if (value instanceof List<?> || value instanceof Map<?, ?> || value == null) {
            throw Failure.usage("%s: %s is not text".formatted(key, quoted(value)));
        }
        return value.toString();
    }

    private static Bytes bytes(String key, Object value) throws Failure {
        if (value instanceof String word) {
            if (word.startsWith(Json.HEX)) {
                return hex(key, word);
            }
            if (word.startsWith(TEXT)) {
                return Bytes.wrap(word.substring(TEXT.length()).getBytes(StandardCharsets.UTF_8));
            }
            if (word.startsWith("@")) {
                return file(key, word);
            }
        }
        throw Failure.usage("%s: %s are not bytes, write hex:0d0a, text:hello or @FILE".formatted(key,
                quoted(value)));
    }

    private static Bytes hex(String key, String word) throws Failure {
        try {
            return Bytes.ofHex(word.substring(Json.HEX.length()).replace(" ", "").replace(":", ""));
        } catch (IllegalArgumentException wrong) {
            throw Failure.usage("%s: %s are not pairs of hexadecimal digits".formatted(key, quoted(word)));
        }
    }

    private static Bytes file(String key, String word) throws Failure {
        Path path = Path.of(word.substring(1));
        try {
            return Bytes.wrap(Files.readAllBytes(path));
        } catch (IOException | OutOfMemoryError unreadable) {
            throw new Failure("%s: cannot read %s".formatted(key, path), unreadable);
        }
    }

    private static <T> T sized(String key, Type type, T value) throws Failure {
        long size = switch (value) {
            case Bytes bytes -> bytes.length();
            case List<?> list -> list.size();
            default -> value.toString().getBytes(StandardCharsets.UTF_8).length;
        };
        long min = type.min().orElse(0L);
        long max = type.max().orElse(Long.MAX_VALUE);
        if (size < min || size > max) {
            String unit = value instanceof List<?> ? "values" : "bytes";
            throw Failure.usage(size < min
                    ? "%s: has %d %s, at least %d are needed".formatted(key, size, unit, min)
                    : "%s: has %d %s, at most %d go".formatted(key, size, unit, max));
        }
        return value;
    }

    private static Object constant(String key, Type type, Object value) throws Failure {
        String word = String.valueOf(value).toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        for (Value constant : type.values()) {
            if (constant.name().equals(word) || Integer.toString(constant.number()).equals(word)) {
                return (long) constant.number();
            }
        }
        List<String> names = type.values().stream().map(Value::name).toList();
        throw Failure.usage("%s: %s is not one of %s%s".formatted(key, quoted(value),
                String.join(", ", names),
                Suggestion.ending(word, names)));
    }

    private static Object elements(String key, Type type, Object value) throws Failure {
        List<?> given = value instanceof List<?> list ? list : List.of(value);
        List<Object> result = new ArrayList<>();
        for (Object element : given) {
            result.add(typed("%s[%d]".formatted(key, result.size()), type.element().orElseThrow(), element));
        }
        return sized(key, type, result);
    }

    private static Object map(String key, Type type, Object value) throws Failure {
        Object given = value instanceof String word ? Json.parse(word) : value;
        if (!(given instanceof Map<?, ?> map)) {
            throw Failure.usage("%s: %s is not a JSON object".formatted(key, quoted(value)));
        }
        Shape inner = new Shape(type.fields(), false);
        Map<String, Object> result = new LinkedHashMap<>();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            String name = (String) entry.getKey();
            Optional<Type> known = type(name, Optional.of(inner));
            if (entry.getValue() != null) {
                result.put(name, typed(key + "." + name, known.orElseThrow(), entry.getValue()));
            }
        }
        for (Field field : type.fields()) {
            if (!field.optional() && !result.containsKey(field.name())) {
                throw Failure.usage("%s.%s: is missing%s".formatted(key, field.name(), words(field)));
            }
        }
        return result;
    }

    private static Object freeMap(String key, Object value) throws Failure {
        Object given = value instanceof String word ? Json.parse(word) : value;
        if (given instanceof Map<?, ?>) {
            return free(given);
        }
        throw Failure.usage("%s: %s is not a JSON object".formatted(key, quoted(value)));
    }

    private static Object guessed(String key, List<String> words) throws Failure {
        List<Object> result = new ArrayList<>();
        for (String word : words) {
            result.add(guessed(key, word));
        }
        return result;
    }

    private static Object guessed(String key, String word) throws Failure {
        if (word.startsWith("@") || word.startsWith(Json.HEX) || word.startsWith(TEXT)) {
            return bytes(key, word);
        }
        if (word.matches("true|false|null|-?\\d+|-?\\d+\\.\\d+([eE][-+]?\\d+)?|\".*\"|\\[.*]|\\{.*}")) {
            return free(word.matches("-?0\\d+") ? word : Json.parse(word));
        }
        if (word.matches("0[xX][0-9a-fA-F]{1,15}")) {
            return Long.parseLong(word.substring(2), 16);
        }
        return word;
    }

    /** Text that begins with {@code hex:} means bytes where no shape tells. */
    private static Object free(Object value) throws Failure {
        return switch (value) {
            case String word when word.startsWith(Json.HEX) -> hex("value", word);
            case List<?> list -> {
                List<Object> result = new ArrayList<>();
                for (Object element : list) {
                    result.add(free(element));
                }
                yield result;
            }
            case Map<?, ?> map -> {
                Map<String, Object> result = new LinkedHashMap<>();
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    result.put((String) entry.getKey(), free(entry.getValue()));
                }
                yield result;
            }
            case null, default -> value;
        };
    }

    private static String quoted(Object value) {
        return value instanceof String word ? "\"" + word + "\"" : Json.line(value);
    }
}
