package org.myclerk.vendor.node;

import java.util.Optional;

/** How a change goes; {@code failure} says why it was not made. */
public record FeatureOutcome(boolean done, Optional<String> failure) {
}
