package org.myclerk.op.serial;

/** How many bytes were handed to the driver: all of them. */
public record Written(int written) {
}
