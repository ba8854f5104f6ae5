package org.myclerk.vendor.node;

import java.util.Optional;

/**
 * A feature that a node has or could have; {@code chosen} if it was asked for and is not there for another's
 * sake, {@code outside} if it does not come from the distribution; {@code problem} why it does not run though
 * it is installed.
 */
public record FeatureState(String name, String version, String description, boolean installed, boolean chosen,
        boolean outside, Optional<String> problem) {
}
