package org.myclerk.api.payload;

/** An enum whose constants have stable numbers on the wire; ordinals never travel. */
public interface WireNumber {

    /** The number that travels, 0 or more, unique within the enum. */
    int number();
}
