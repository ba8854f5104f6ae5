package org.myclerk.op.client;

import org.myclerk.api.payload.WireNumber;

/** Where a device request stands (§6.2.5). All but the first are final. */
public enum RequestState implements WireNumber {

    /** Waits for an administrator of the node that owns the devices. */
    PENDING(0x00),
    /** All devices were approved. */
    APPROVED(0x01),
    /** Some devices were approved. */
    PARTIALLY_APPROVED(0x02),
    REJECTED(0x03),
    /** Nobody decided in time. */
    EXPIRED(0x04),
    /** The hub took it back. */
    CANCELLED(0x05);

    private final int number;

    RequestState(int number) {
        this.number = number;
    }

    @Override
    public int number() {
        return number;
    }
}
