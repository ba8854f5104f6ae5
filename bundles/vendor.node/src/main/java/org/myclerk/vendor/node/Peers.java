package org.myclerk.vendor.node;

import java.util.List;

import org.myclerk.api.node.PeerState;

/** The nodes this one knows. */
public record Peers(List<PeerState> peers) {
}
