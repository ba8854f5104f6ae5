package org.myclerk.api.guard;

import java.util.List;

import org.myclerk.api.node.Roles;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Size;
import org.myclerk.api.payload.WireNumber;

/**
 * A name to whom nodes belong; also a payload.
 *
 * @param name unique on this node
 * @param nodes ids of 16 bytes; a node belongs to at most one person
 */
public record Person(@Size(min = 1, max = 64) String name, Kind kind, @Size(max = 64) List<Bytes> nodes) {

    /** What a person is in the family. */
    public enum Kind implements WireNumber {
        ADULT(0, Roles.MEMBER), CHILD(1, Roles.CHILD), GUEST(2, Roles.GUEST);

        private final int number;
        private final String role;

        Kind(int number, String role) {
            this.number = number;
            this.role = role;
        }

        @Override
        public int number() {
            return number;
        }

        /**
         * The role as which the person's nodes count in grants to roles, in place of that in their
         * certificates.
         */
        public String role() {
            return role;
        }
    }

    public Person {
        nodes = List.copyOf(nodes);
        for (Bytes node : nodes) {
            if (node.length() != 16) {
                throw new IllegalArgumentException("a node id has 16 bytes, got " + node.length());
            }
        }
    }
}
