package org.myclerk.op.can;

import org.myclerk.api.payload.WireNumber;

/** What a frame is. */
public enum FrameKind implements WireNumber {

    CLASSIC(0),
    /** Asks for the data of an identifier. */
    REMOTE(1),
    FD(2),
    /**
     * Tells of a problem on the bus or of the controller; comes from the node's kernel, never from the wire.
     */
    ERROR(3);

    private final int number;

    FrameKind(int number) {
        this.number = number;
    }

    @Override
    public int number() {
        return number;
    }
}
