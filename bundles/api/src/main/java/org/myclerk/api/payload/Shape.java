package org.myclerk.api.payload;

import java.util.List;
import java.util.Optional;

/**
 * What a payload looks like, as data: the source of help, completion, CDDL and checks at the command line.
 *
 * @param fields in the order of the record
 * @param open whether further fields of any name are taken ({@link Fields} as the whole payload)
 */
public record Shape(List<Field> fields, boolean open) {

    /**
     * One field.
     *
     * @param name the key on the wire
     * @param optional whether it may be absent
     * @param device whether it names the device the operation acts on
     * @param help words for people, may be empty
     */
    public record Field(String name, Type type, boolean optional, boolean device, String help) {

        private Field within(int levels) {
            return new Field(name, type.within(levels), optional, device, help);
        }
    }

    /**
     * The type of a field or of a list's elements.
     *
     * @param kind what it is
     * @param min of a number the least value, of bytes, text and lists the least size
     * @param max of a number the largest value, of bytes, text and lists the largest size
     * @param values the constants of an enumeration
     * @param element the elements of a list; present for a list
     * @param fields the fields of a nested map
     */
    public record Type(Kind kind, Optional<Long> min, Optional<Long> max, List<Value> values,
            Optional<Type> element, List<Field> fields) {

        public Type {
            if (kind == Kind.LIST && element.isEmpty()) {
                throw new IllegalArgumentException("a list lacks the type of its elements");
            }
        }

        static Type of(Kind kind) {
            return new Type(kind, Optional.empty(), Optional.empty(), List.of(), Optional.empty(), List.of());
        }

        /** This type, or a free one if what it is made of takes more levels of MessagePack than that. */
        private Type within(int levels) {
            int needed = switch (kind) {
                case LIST -> 1;
                case ENUM -> 2;
                case MAP -> 3;
                case BOOL, INTEGER, REAL, TEXT, BYTES, FREE -> 0;
            };
            return levels < needed ? of(Kind.FREE) : new Type(kind, min, max, values,
                    element.map(it -> it.within(levels - 1)),
                    fields.stream().map(field -> field.within(levels - 3)).toList());
        }

        static Type bounded(Kind kind, long min, long max) {
            return new Type(kind, Optional.of(min), Optional.of(max), List.of(), Optional.empty(), List.of());
        }
    }

    /** A constant of an enumeration: its name in lower case with hyphens, and its number on the wire. */
    public record Value(String name, int number) {
    }

    /** The kinds of values. */
    public enum Kind implements WireNumber {
        BOOL(0), INTEGER(1), REAL(2), TEXT(3), BYTES(4), ENUM(5), LIST(6), MAP(7), FREE(8);

        private final int number;

        Kind(int number) {
            this.number = number;
        }

        @Override
        public int number() {
            return number;
        }
    }

    /**
     * The same shape, in which whatever lies too deep is described as free: a payload that carries a shape
     * has at most 16 levels like any other (profile §6).
     *
     * @param levels of MessagePack that may lie below the type of a field, 0 or more
     */
    public Shape within(int levels) {
        return new Shape(fields.stream().map(field -> field.within(levels)).toList(), open);
    }

    /** The shape in CDDL (RFC 8610), without a rule name: {@code { chip: tstr, ? line: 0..1023 }}. */
    public String cddl() {
        return map(fields, open);
    }

    private static String map(List<Field> fields, boolean open) {
        StringBuilder text = new StringBuilder("{");
        String separator = " ";
        for (Field field : fields) {
            text.append(separator).append(field.optional() ? "? " : "").append(field.name()).append(": ")
                    .append(cddl(field.type()));
            separator = ", ";
        }
        if (open) {
            text.append(separator).append("* tstr => any");
            separator = ", ";
        }
        return text.append(separator.equals(" ") ? "}" : " }").toString();
    }

    private static String cddl(Type type) {
        return switch (type.kind()) {
            case BOOL -> "bool";
            case INTEGER -> integer(type.min().orElse(Long.MIN_VALUE), type.max().orElse(Long.MAX_VALUE));
            case REAL -> "float";
            case TEXT -> sized("tstr", type);
            case BYTES -> sized("bstr", type);
            case ENUM -> type.values().stream().map(value -> value.name() + ": " + value.number())
                    .reduce((a, b) -> a + ", " + b).map(all -> "&( " + all + " )").orElse("uint");
            case LIST -> "[%s %s]".formatted(occurrence(type), cddl(type.element().orElseThrow()));
            case MAP -> map(type.fields(), false);
            case FREE -> "{ * tstr => any }";
        };
    }

    private static String integer(long min, long max) {
        if (max == Long.MAX_VALUE) {
            return min == Long.MIN_VALUE ? "int" : min == 0 ? "uint" : min + "..9223372036854775807";
        }
        return min + ".." + max;
    }

    private static String sized(String type, Type bounds) {
        long min = bounds.min().orElse(0L);
        long max = bounds.max().orElse((long) Integer.MAX_VALUE);
        if (min == max) {
            return type + " .size " + min;
        }
        return max == Integer.MAX_VALUE && min == 0 ? type
                : "%s .size (%d..%d)".formatted(type, min, max);
    }

    private static String occurrence(Type type) {
        long min = type.min().orElse(0L);
        long max = type.max().orElse((long) Integer.MAX_VALUE);
        return (min == 0 ? "" : Long.toString(min)) + "*"
                + (max == Integer.MAX_VALUE ? "" : Long.toString(max));
    }
}
