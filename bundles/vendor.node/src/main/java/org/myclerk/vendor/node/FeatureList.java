package org.myclerk.vendor.node;

import java.util.List;

/** The features of a node. */
public record FeatureList(List<FeatureState> features) {
}
