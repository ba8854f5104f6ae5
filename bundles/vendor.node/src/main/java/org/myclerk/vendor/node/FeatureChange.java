package org.myclerk.vendor.node;

/** A change of the features; {@code at} in Unix seconds. */
public record FeatureChange(long at, String change) {
}
