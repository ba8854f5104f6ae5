package org.myclerk.op.spi;

import java.util.List;

/** The SPI devices of a node that the caller may see, in the order of their ids. */
public record DeviceList(List<DeviceEntry> devices) {
}
