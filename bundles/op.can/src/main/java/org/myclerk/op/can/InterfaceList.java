package org.myclerk.op.can;

import java.util.List;

/** The CAN interfaces of a node that the caller may see, in the order of their ids. */
public record InterfaceList(List<InterfaceInfo> interfaces) {
}
