package org.myclerk.op.client;

import org.myclerk.api.payload.WireNumber;

/** How much a client can be counted on, computed from its heartbeats. */
public enum NodeClass implements WireNumber {

    /** Comes and goes, or has not been known for 30 days yet. */
    BONUS(0),
    /** Was there for more than 95 % of the last 30 days. */
    CORE(1);

    private final int number;

    NodeClass(int number) {
        this.number = number;
    }

    @Override
    public int number() {
        return number;
    }
}
