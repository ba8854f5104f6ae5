package org.myclerk.op.routing;

import org.myclerk.api.payload.WireNumber;

/** What a route does now. */
public enum RouteState implements WireNumber {

    /** Its client has the device. */
    ACTIVE(0),
    /** A route of higher priority is active, or an older one of the same. */
    STANDBY(1),
    /** Its client is not connected. */
    AWAY(2),
    /** The device is not shared with its client now. */
    NOT_SHARED(3),
    /** The device is not plugged in. */
    NO_DEVICE(4),
    /** Another node has locked the device. */
    LOCKED(5);

    private final int number;

    RouteState(int number) {
        this.number = number;
    }

    @Override
    public int number() {
        return number;
    }
}
