package org.myclerk.vendor.node;

import java.util.List;

/**
 * A bundle of a feature; {@code operations} are ranges such as 0xF100-0xF10F, {@code signers} names and
 * fingerprints.
 */
public record FeatureBundle(String name, String version, boolean running, List<String> operations,
        List<String> signers) {
}
