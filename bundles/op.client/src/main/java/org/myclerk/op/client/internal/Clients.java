package org.myclerk.op.client.internal;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

import org.myclerk.api.node.Node;
import org.myclerk.api.node.PeerState;
import org.myclerk.api.payload.Bytes;
import org.myclerk.op.client.ClientInfo;
import org.myclerk.op.client.ClientList;
import org.myclerk.op.client.ClientStatus;

/** The clients of this node: the peers that it knows, with what their heartbeats say. Thread-safe. */
final class Clients {

    private final Node node;
    private final Heartbeats heartbeats;
    private final Assignments assignments;

    Clients(Node node, Heartbeats heartbeats, Assignments assignments) {
        this.node = node;
        this.heartbeats = heartbeats;
        this.assignments = assignments;
    }

    /** The clients in the order of their ids, those behind {@code after}. */
    ClientList page(Optional<Bytes> after) {
        List<PeerState> rest = node.peers().stream().filter(peer -> !peer.revoked())
                .filter(peer -> after.isEmpty() || peer.id().compareTo(after.get()) > 0)
                .sorted(Comparator.comparing(PeerState::id)).toList();
        List<ClientStatus> page = rest.stream().limit(ClientList.MOST).map(this::status).toList();
        return new ClientList(page, rest.size() > page.size() ? Optional.of(page.getLast().id())
                : Optional.empty());
    }

    ClientStatus status(PeerState peer) {
        Heartbeats.Record heard = heartbeats.of(peer.id());
        return new ClientStatus(peer.id(), peer.name(), peer.connected(), heard.last(), heard.nodeClass(),
                Math.floor(heard.slots() * 10_000.0 / Uptime.WINDOW) / 100);
    }

    ClientInfo info(PeerState peer) {
        return new ClientInfo(status(peer), peer.roles(), peer.endpoints(), heartbeats.of(peer.id()).first(),
                assignments.of(peer.id()));
    }
}
