package org.myclerk.api.operation;

/** What an operation does to the device it names. */
public enum Access {

    /** Neither reads nor changes a device. */
    NONE,
    READ,
    WRITE
}
