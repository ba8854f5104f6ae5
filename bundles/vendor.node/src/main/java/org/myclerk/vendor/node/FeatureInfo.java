package org.myclerk.vendor.node;

import java.util.List;

/** A feature in full. */
public record FeatureInfo(FeatureState state, List<String> requires, List<String> requiredBy,
        List<FeatureBundle> bundles) {
}
