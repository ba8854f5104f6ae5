package org.myclerk.runtime;

import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The type that the key of a configuration names (OSGi Compendium 8, 150.3): {@code Integer}, {@code int},
 * {@code Integer[]}, {@code Collection<Integer>}.
 *
 * @param where what a message calls the value
 */
record TypedValue(String type, String where) {

    private static final Pattern TYPE = Pattern.compile("(\\w+)(\\[])?|Collection<(\\w+)>");
    private static final Map<String, String> PRIMITIVES = Map.of("int", "Integer", "long", "Long", "float",
            "Float",
            "double", "Double", "byte", "Byte", "short", "Short", "char", "Character", "boolean", "Boolean");
    private static final Map<String, Function<String, ?>> SCALARS = Map.of("String", text -> text,
            "Integer", Integer::valueOf, "Long", Long::valueOf, "Float", Float::valueOf, "Double",
            Double::valueOf,
            "Byte", Byte::valueOf, "Short", Short::valueOf, "Character", TypedValue::character,
            "Boolean", TypedValue::truth);

    /**
     * A value of the type.
     *
     * @param value a string, or an array of strings
     * @throws Refusal if there is no such type, or the value is not of it
     */
    Object of(Object value) throws Refusal {
        Matcher matcher = TYPE.matcher(type);
        if (!matcher.matches()) {
            throw unknown();
        }
        String name = matcher.group(3) != null ? matcher.group(3) : matcher.group(1);
        Function<String, ?> scalar = SCALARS.get(PRIMITIVES.getOrDefault(name, name));
        if (scalar == null) {
            throw unknown();
        }
        List<Object> values = new ArrayList<>();
        for (String text : value instanceof String[] several ? List.of(several) : List.of(value.toString())) {
            try {
                values.add(scalar.apply(text));
            } catch (IllegalArgumentException e) {
                throw new Refusal("%s must be of the type %s, not \"%s\"".formatted(where, type, text));
            }
        }
        if (matcher.group(3) != null) {
            return List.copyOf(values);
        }
        if (matcher.group(2) != null) {
            return values.toArray(length -> (Object[]) Array.newInstance(scalar.apply(example(name))
                    .getClass(), length));
        }
        if (values.size() != 1) {
            throw new Refusal("%s must be one value of the type %s, not %d".formatted(where, type,
                    values.size()));
        }
        return values.getFirst();
    }

    /** A text that every type takes but the one of truth. */
    private static String example(String name) {
        return name.equalsIgnoreCase("boolean") ? "true" : "0";
    }

    private Refusal unknown() {
        return new Refusal(
                "%s: there is no type %s; there are %s, arrays (Integer[]) and Collection<Integer>".formatted(
                where, type, String.join(", ", SCALARS.keySet().stream().sorted().toList())));
    }

    private static Character character(String text) {
        if (text.length() != 1) {
            throw new IllegalArgumentException(text);
        }
        return text.charAt(0);
    }

    private static Boolean truth(String text) {
        if (!text.equals("true") && !text.equals("false")) {
            throw new IllegalArgumentException(text);
        }
        return Boolean.valueOf(text);
    }
}
