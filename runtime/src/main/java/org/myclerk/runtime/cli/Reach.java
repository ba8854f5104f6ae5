package org.myclerk.runtime.cli;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

import org.myclerk.api.client.Client;
import org.myclerk.api.client.Client.Wish;
import org.myclerk.api.client.Peer;
import org.myclerk.api.node.PeerState;
import org.myclerk.api.node.Roles;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.None;
import org.myclerk.api.transport.Endpoint;
import org.myclerk.vendor.node.NodeOperations;
import org.myclerk.vendor.node.internal.TunnelTransport;

/**
 * The way from this home to a peer. Through the home's node while it runs: it has a session to every peer it
 * can reach, and carries the frames of another one to the peer, end to end encrypted. Otherwise straight to
 * the peer's last known addresses.
 */
final class Reach implements AutoCloseable {

    static final String SELF = "self";

    private final Client client;
    private Peer own;
    private TunnelTransport tunnel;

    Reach(Client client) {
        this.client = client;
    }

    /** The node of this home. */
    Peer own() throws IOException, InterruptedException {
        if (own == null || !own.connected()) {
            close();
            own = client.own();
            tunnel = new TunnelTransport(own);
        }
        return own;
    }

    /** The peers that this home knows. */
    List<PeerState> known() throws Refused, IOException, InterruptedException {
        return client.running() ? own().call(NodeOperations.NODE_PEERS, None.NONE).peers()
                : client.knownPeers();
    }

    /**
     * Opens a session with a peer.
     *
     * @param name its name, its node id in hexadecimal or the beginning of it, or {@code self}
     */
    Peer peer(String name) throws Failure, Refused, IOException, InterruptedException {
        if (name.equals(SELF)) {
            return own();
        }
        boolean running = client.running();
        if (running && (own().name().equals(name) || own().nodeId().toHex().equals(name))) {
            return own();
        }
        PeerState peer = choose(known(), name);
        Wish wish = new Wish(Optional.of(peer.id()), Tier.T5, Tier.T3);
        return running
                ? client.connect(tunnel, new Endpoint(TunnelTransport.SCHEME, peer.id().toHex(), 1), wish)
                : direct(peer, wish);
    }

    /**
     * Whether to ask a peer for all its devices: it is our own node, or our certificate makes us an
     * administrator or a hub. A home whose node does not run has nobody to ask for its roles, and tries.
     */
    boolean asksForAll(Peer peer) throws Refused, IOException, InterruptedException {
        if (peer == own || !client.running()) {
            return true;
        }
        List<String> roles = own().call(NodeOperations.NODE_FAMILY, None.NONE).roles();
        return roles.contains(Roles.ADMIN) || roles.contains(Roles.HUB);
    }

    /** Closes the session with a peer that is used no more; the one with the home's node stays. */
    void done(Peer peer) {
        if (peer != own) {
            peer.close("done");
        }
    }

    @Override
    public void close() {
        if (tunnel != null) {
            tunnel.close();
        }
    }

    private Peer direct(PeerState peer, Wish wish) throws Failure, IOException, InterruptedException {
        if (peer.endpoints().isEmpty()) {
            throw new Failure(
                    "%s: no address of it is known, start this home's node with myclerk up so that it can "
                    .formatted(peer.name()) + "look for it");
        }
        IOException last = null;
        for (String endpoint : peer.endpoints()) {
            try {
                return client.connect(Endpoint.parse(endpoint), wish);
            } catch (IOException unreachable) {
                last = unreachable;
            }
        }
        throw last;
    }

    /** The peer that is meant. */
    static PeerState choose(List<PeerState> peers, String name) throws Failure {
        List<PeerState> exact = peers.stream()
                .filter(peer -> peer.name().equals(name) || peer.id().toHex().equalsIgnoreCase(name))
                .toList();
        List<PeerState> usable = exact.size() > 1 ? exact.stream().filter(peer -> !peer.revoked()).toList()
                : exact;
        if (usable.isEmpty() && name.matches("[0-9a-fA-F]{4,31}")) {
            usable = peers.stream()
                    .filter(peer -> peer.id().toHex().startsWith(name.toLowerCase(java.util.Locale.ROOT)))
                    .toList();
        }
        if (usable.size() == 1) {
            return usable.getFirst();
        }
        if (usable.size() > 1) {
            throw new Failure("%s: %d peers are called so, write the node id: %s".formatted(name,
                    usable.size(),
                    String.join(", ", usable.stream().map(peer -> peer.id().toHex()).toList())));
        }
        List<String> names = peers.stream().map(PeerState::name).toList();
        throw new Failure("%s: no such peer%s%s".formatted(name, Suggestion.ending(name, names),
                names.isEmpty() ? "; this home knows none, invite one with myclerk invite"
                        : "; myclerk peers lists those that are known"));
    }
}
