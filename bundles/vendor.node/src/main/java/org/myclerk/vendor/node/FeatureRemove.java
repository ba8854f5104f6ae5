package org.myclerk.vendor.node;

import java.util.List;

import org.myclerk.api.payload.Size;

/** Removes features. */
public record FeatureRemove(@Size(min = 1, max = 64) List<String> names) {
}
