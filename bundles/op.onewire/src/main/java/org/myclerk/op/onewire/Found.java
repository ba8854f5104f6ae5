package org.myclerk.op.onewire;

import java.util.List;

/** The devices of a bus, in the order found. */
public record Found(List<Rom> devices) {
}
