package org.myclerk.api.operation;

/**
 * An operation code (§6): any 16-bit value, because a peer may be newer than we are.
 *
 * @param value 0..0xFFFF
 */
public record OpCode(int value) implements Comparable<OpCode> {

    public OpCode {
        if (value < 0 || value > 0xFFFF) {
            throw new IllegalArgumentException("operation code is 16 bits, got " + value);
        }
    }

    @Override
    public int compareTo(OpCode other) {
        return Integer.compare(value, other.value);
    }

    @Override
    public String toString() {
        return "0x%04X".formatted(value);
    }
}
