package org.myclerk.op.client.internal;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import org.myclerk.api.node.Node;
import org.myclerk.api.node.PeerState;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.op.client.ClientInfo;
import org.myclerk.op.client.ClientList;
import org.myclerk.op.client.ClientStatus;

/** The clients of this node: the peers that it knows, with what their heartbeats say. Thread-safe. */
final class Clients {

    private static final String ID_OR_BEGINNING = "[0-9a-f]{4,32}";

    private final Node node;
    private final Heartbeats heartbeats;

    Clients(Node node, Heartbeats heartbeats) {
        this.node = node;
        this.heartbeats = heartbeats;
    }

    /** The clients in the order of their ids, those behind {@code after}. */
    ClientList page(Optional<Bytes> after) {
        List<PeerState> rest = known().stream()
                .filter(peer -> after.isEmpty() || peer.id().compareTo(after.get()) > 0)
                .sorted(Comparator.comparing(PeerState::id)).toList();
        List<ClientStatus> page = rest.stream().limit(ClientList.MOST).map(this::status).toList();
        return new ClientList(page, rest.size() > page.size() ? Optional.of(page.getLast().id()) : Optional.empty());
    }

    ClientStatus status(PeerState peer) {
        Heartbeats.Record heard = heartbeats.of(peer.id());
        return new ClientStatus(peer.id(), peer.name(), peer.connected(), heard.last(), heard.nodeClass(),
                Math.floor(heard.slots() * 10_000.0 / Uptime.WINDOW) / 100);
    }

    ClientInfo info(PeerState peer) {
        return new ClientInfo(status(peer), peer.roles(), peer.endpoints(), heartbeats.of(peer.id()).first());
    }

    private List<PeerState> known() {
        return node.peers().stream().filter(peer -> !peer.revoked()).toList();
    }

    /**
     * The client that is meant.
     *
     * @param name its name, its node id in hexadecimal, or the beginning of that
     * @throws Refused NOT_FOUND if there is none, BAD_REQUEST if more than one is called so
     */
    PeerState named(String name) throws Refused {
        List<PeerState> known = known();
        List<PeerState> meant = known.stream().filter(peer -> peer.name().equals(name)).toList();
        String digits = name.toLowerCase(Locale.ROOT);
        if (meant.isEmpty() && digits.matches(ID_OR_BEGINNING)) {
            meant = known.stream().filter(peer -> peer.id().toHex().startsWith(digits)).toList();
        }
        if (meant.isEmpty()) {
            throw Refused.notFound("no client of this node is called \"%s\": list them".formatted(name));
        }
        if (meant.size() > 1) {
            throw Refused.badRequest("%d clients are called \"%s\": name the node id".formatted(meant.size(), name));
        }
        return meant.getFirst();
    }

    /** The client that calls. */
    PeerState of(Caller caller) {
        return known().stream().filter(peer -> peer.id().equals(caller.nodeId())).findFirst()
                .orElseGet(() -> new PeerState(caller.nodeId(), caller.name(), List.copyOf(caller.roles()), List.of(),
                        true, 0, false));
    }
}
