package org.myclerk.vendor.node;

/** How much of a file is there. */
public record FileReceived(long size) {
}
