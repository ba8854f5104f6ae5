package org.myclerk.op.i2c;

import java.util.List;

/** The I2C buses of a node that the caller may see, in the order of their ids. */
public record BusList(List<BusInfo> buses) {
}
