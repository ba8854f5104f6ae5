package org.myclerk.vendor.node;

import org.myclerk.api.payload.Help;

/** Names a feature. */
public record FeatureName(@Help("as listed") String name) {
}
