package org.myclerk.api.node;

import java.util.List;

import org.osgi.annotation.versioning.ProviderType;

/**
 * The nodes that announce themselves in the local network. Implemented by discovery. Thread-safe, never
 * waits.
 */
@ProviderType
public interface Nearby {

    /** What is heard now, sorted by name; this node is not among them, and nothing of it is proven. */
    List<NearbyNode> nodes();
}
