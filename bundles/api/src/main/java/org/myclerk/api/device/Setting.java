package org.myclerk.api.device;

import java.util.List;
import java.util.Optional;

import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Size;
import org.myclerk.api.payload.WireNumber;

/**
 * A parameter of a device that can be set (DEVICE_CONFIGURE); also a payload.
 *
 * @param name lower case with hyphens
 * @param min of a number the least value, of text the least length in characters
 * @param max of a number the largest value, of text the largest length
 * @param choices all values of a choice
 * @param help for people: meaning and unit
 */
public record Setting(@Size(min = 1, max = 64) String name, Type type, Optional<Long> min, Optional<Long> max,
        List<String> choices, @Size(max = 256) String help) {

    /** Every device has it; the registry keeps it and no driver is asked. */
    public static final Setting PHYSICAL_ACCESS = bool(DeviceInfo.PHYSICAL_ACCESS,
            "it gives physical access, as a door lock does: never used in plaintext");

    /** The types, and the Java types of their values in a {@link org.myclerk.api.payload.Fields}. */
    public enum Type implements WireNumber {
        /** Boolean. */
        BOOL(0),
        /** Long. */
        INTEGER(1),
        /** String. */
        TEXT(2),
        /** String, one of the choices. */
        CHOICE(3);

        private final int number;

        Type(int number) {
            this.number = number;
        }

        @Override
        public int number() {
            return number;
        }
    }

    public static Setting bool(String name, String help) {
        return new Setting(name, Type.BOOL, Optional.empty(), Optional.empty(), List.of(), help);
    }

    public static Setting integer(String name, long min, long max, String help) {
        return new Setting(name, Type.INTEGER, Optional.of(min), Optional.of(max), List.of(), help);
    }

    public static Setting choice(String name, List<String> choices, String help) {
        return new Setting(name, Type.CHOICE, Optional.empty(), Optional.empty(), choices, help);
    }

    public static Setting text(String name, int longest, String help) {
        return new Setting(name, Type.TEXT, Optional.of(0L), Optional.of((long) longest), List.of(), help);
    }

    /** @throws Refused BAD_REQUEST, naming the setting and what it takes, for a value it does not take */
    public void check(Object value) throws Refused {
        boolean fits = switch (type) {
            case BOOL -> value instanceof Boolean;
            case INTEGER -> value instanceof Long number && within(number);
            case TEXT -> value instanceof String text && within(text.length());
            case CHOICE -> value instanceof String text && choices.contains(text);
        };
        if (!fits) {
            throw Refused.badRequest("%s is %s".formatted(name, switch (type) {
                case BOOL -> "true or false";
                case INTEGER -> "a number from %d to %d".formatted(min.orElse(Long.MIN_VALUE),
                        max.orElse(Long.MAX_VALUE));
                case TEXT -> "text of %d to %d characters".formatted(min.orElse(0L),
                        max.orElse(Long.MAX_VALUE));
                case CHOICE -> "one of " + String.join(", ", choices);
            }));
        }
    }

    private boolean within(long value) {
        return value >= min.orElse(Long.MIN_VALUE) && value <= max.orElse(Long.MAX_VALUE);
    }
}
