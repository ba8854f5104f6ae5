package org.myclerk.vendor.node;

import java.util.List;

/** The last changes of the features, oldest first. */
public record FeatureHistory(List<FeatureChange> changes) {
}
