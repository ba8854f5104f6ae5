package org.myclerk.op.spi;

/** How many bytes were sent: all of them. */
public record Written(int written) {
}
