package org.myclerk.op.can;

/** How many frames the interface took: all of them. */
public record Sent(int sent) {
}
