package org.myclerk.vendor.node;

import java.util.List;

/** The operations of one table. */
public record Catalogue(String name, List<OperationInfo> operations) {
}
