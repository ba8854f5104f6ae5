package org.myclerk.vendor.node;

/**
 * A step of a change, for people; {@code job} is the change's id. The last one says {@code done}: should the
 * session end before it, because its own bundle was replaced, {@link NodeOperations#NODE_FEATURE_OUTCOME}
 * tells how it went.
 */
public record FeatureStep(String job, String step, boolean done) {
}
