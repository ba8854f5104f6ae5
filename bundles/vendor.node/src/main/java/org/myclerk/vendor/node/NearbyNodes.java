package org.myclerk.vendor.node;

import java.util.List;

/** Nodes that announce themselves in the local network. */
public record NearbyNodes(List<NearbyNode> nodes) {
}
