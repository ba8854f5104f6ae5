package org.myclerk.vendor.node;

import java.util.List;

/** A node that announces itself; nothing of it is proven. */
public record NearbyNode(String id, String name, List<String> endpoints, boolean known) {
}
