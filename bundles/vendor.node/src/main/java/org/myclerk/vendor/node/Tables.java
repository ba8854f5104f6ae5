package org.myclerk.vendor.node;

import java.util.List;

/** The tables a node serves. */
public record Tables(List<TableRange> tables) {
}
