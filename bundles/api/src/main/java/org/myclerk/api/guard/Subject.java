package org.myclerk.api.guard;

import java.util.Locale;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Size;
import org.myclerk.api.payload.WireNumber;

/**
 * To whom a right is given; also a payload.
 *
 * @param name of a person or a role, of a node its id in 32 hexadecimal digits
 */
public record Subject(Kind kind, @Size(min = 1, max = 64) String name) {

    /** What a right can be given to. If several apply to a caller, the first kind of this order counts. */
    public enum Kind implements WireNumber {
        NODE(0), PERSON(1), ROLE(2);

        private final int number;

        Kind(int number) {
            this.number = number;
        }

        @Override
        public int number() {
            return number;
        }
    }

    /** @throws IllegalArgumentException if a node's name is no node id */
    public Subject {
        if (kind == Kind.NODE) {
            name = name.toLowerCase(Locale.ROOT);
            if (!name.matches("[0-9a-f]{32}")) {
                throw new IllegalArgumentException("a node is given by its id, 32 hexadecimal digits");
            }
        }
    }

    public static Subject node(Bytes id) {
        return new Subject(Kind.NODE, id.toHex());
    }

    public static Subject person(String name) {
        return new Subject(Kind.PERSON, name);
    }

    public static Subject role(String role) {
        return new Subject(Kind.ROLE, role);
    }

    /** For people: {@code role child}. */
    @Override
    public String toString() {
        return kind.name().toLowerCase(Locale.ROOT) + " " + name;
    }
}
