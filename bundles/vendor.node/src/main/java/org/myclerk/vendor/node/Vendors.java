package org.myclerk.vendor.node;

import java.util.List;

/** The vendors that a node trusts. */
public record Vendors(List<Vendor> vendors) {
}
