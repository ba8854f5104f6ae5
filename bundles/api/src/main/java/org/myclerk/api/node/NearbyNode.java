package org.myclerk.api.node;

import java.util.List;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.transport.Endpoint;

/**
 * A node as it announces itself; which family it belongs to is not known.
 *
 * @param id 16 bytes
 * @param name at most 64 characters, for people
 * @param endpoints where it says it answers, newest first
 */
public record NearbyNode(Bytes id, String name, List<Endpoint> endpoints) {

    public NearbyNode {
        endpoints = List.copyOf(endpoints);
    }
}
