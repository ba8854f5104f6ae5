package org.myclerk.op.onewire;

import java.util.List;

/** The 1-Wire buses of a node that the caller may see, in the order of their ids. */
public record BusList(List<BusInfo> buses) {
}
