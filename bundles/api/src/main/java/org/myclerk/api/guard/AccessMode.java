package org.myclerk.api.guard;

import org.myclerk.api.operation.Access;
import org.myclerk.api.payload.WireNumber;

/** How a device is shared (§6.2.4). */
public enum AccessMode implements WireNumber {

    /** Not at all, whatever a less specific grant says. */
    NONE(0x00),
    READ_ONLY(0x01),
    WRITE_ONLY(0x02),
    READ_WRITE(0x03),
    /** Read and write, but only for one client at a time: the first to use the device holds it alone. */
    EXCLUSIVE(0x04);

    private final int number;

    AccessMode(int number) {
        this.number = number;
    }

    @Override
    public int number() {
        return number;
    }

    /**
     * Whether an operation of that access may be done; one that neither reads nor changes needs any mode but
     * none.
     */
    public boolean covers(Access access) {
        return switch (access) {
            case NONE -> this != NONE;
            case READ -> this != NONE && this != WRITE_ONLY;
            case WRITE -> this != NONE && this != READ_ONLY;
        };
    }

    /** What both allow together; one client at a time only if no other mode allows as much without. */
    public AccessMode or(AccessMode other) {
        boolean reads = covers(Access.READ) || other.covers(Access.READ);
        boolean writes = covers(Access.WRITE) || other.covers(Access.WRITE);
        if (reads && writes) {
            boolean together = this == READ_WRITE || other == READ_WRITE
                    || this != EXCLUSIVE && other != EXCLUSIVE;
            return together ? READ_WRITE : EXCLUSIVE;
        }
        return reads ? READ_ONLY : writes ? WRITE_ONLY : NONE;
    }

    /** For people: {@code read and write}. */
    public String words() {
        return switch (this) {
            case NONE -> "nothing";
            case READ_ONLY -> "read";
            case WRITE_ONLY -> "write";
            case READ_WRITE -> "read and write";
            case EXCLUSIVE -> "read and write, one client at a time";
        };
    }
}
