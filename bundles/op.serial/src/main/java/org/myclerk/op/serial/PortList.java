package org.myclerk.op.serial;

import java.util.List;

/** The serial ports of a node that the caller may see, in the order of their ids. */
public record PortList(List<PortInfo> ports) {
}
