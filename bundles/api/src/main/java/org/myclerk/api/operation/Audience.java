package org.myclerk.api.operation;

/** Who may use an operation at all; what it does to a device is decided on top of that. From many to few. */
public enum Audience {

    /** Every node of the family, and a node that is joining it. */
    JOINING,
    /** Every node of the family. */
    FAMILY,
    /** Every node with which a device of this node is shared. */
    SHARERS,
    /**
     * Hubs and administrators. If the operation names a device and neither reads nor changes it, it
     * administers it: whether the device is shared with the caller does not matter. So it is with the two
     * below.
     */
    HUBS,
    ADMINISTRATORS,
    /** Operators of this node's own home: it hands out or replaces what the node itself rests on. */
    OWNERS
}
