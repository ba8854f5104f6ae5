package org.myclerk.api.node;

import java.util.List;

import org.myclerk.api.payload.Bytes;

/**
 * An open session; also a payload.
 *
 * @param uid 16 bytes, unique
 * @param peer node id, empty for a node in pairing
 * @param initiator whether this node started it
 * @param tier 2..5
 * @param generation of the keys, counts rotations
 * @param since Unix seconds
 * @param resumed whether it began with a ticket
 */
public record SessionState(Bytes uid, Bytes peer, String name, List<String> roles, String remote,
        boolean initiator, int tier, long generation, long since, boolean resumed) {
}
