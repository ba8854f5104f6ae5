package org.myclerk.vendor.node;

import org.myclerk.api.payload.Size;

/** Opens a link of frames to a peer, named as at the command line; {@code self} is the node itself. */
public record Tunnel(@Size(min = 1, max = 64) String peer) {
}
