package org.myclerk.vendor.node;

/** Names a change of the features. */
public record FeatureJob(String job) {
}
