package org.myclerk.runtime.cli;

import java.io.IOException;
import java.util.List;

import org.myclerk.api.node.PeerState;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.None;
import org.myclerk.vendor.node.NearbyNode;
import org.myclerk.vendor.node.NearbyNodes;
import org.myclerk.vendor.node.NodeOperations;
import org.myclerk.vendor.node.Peers;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists the nodes that this home knows, or those nearby. */
@Command(name = "peers", description = "List the nodes that this one knows.")
final class PeersCommand extends Task {

    @Option(names = "--nearby", description = "List the nodes that announce themselves in the local network; "
            + "nothing they say of themselves is proven.")
    private boolean nearby;

    @Override
    void run() throws Refused, IOException, InterruptedException {
        if (nearby) {
            nearby();
            return;
        }
        List<PeerState> peers = root().reach().known();
        if (json()) {
            root().print(NodeOperations.NODE_PEERS, new Peers(peers));
            return;
        }
        Table table = new Table("NAME", "NODE", "ROLES", "STATE", "AT");
        for (PeerState peer : peers) {
            table.row(peer.name(), peer.id().toHex(), String.join(",", peer.roles()), state(peer),
                    String.join(" ", peer.endpoints()));
        }
        if (table.isEmpty()) {
            say("no peers yet; invite one with myclerk invite, or join with myclerk join INVITATION");
        } else {
            table.print(out());
        }
    }

    private static String state(PeerState peer) {
        return peer.revoked() ? "revoked" : peer.connected() ? "connected" : "seen "
                + When.ago(peer.lastSeen());
    }

    private void nearby() throws Refused, IOException, InterruptedException {
        NearbyNodes found = root().reach().own().call(NodeOperations.NODE_NEARBY, None.NONE);
        if (json()) {
            root().print(NodeOperations.NODE_NEARBY, found);
            return;
        }
        Table table = new Table("NAME", "NODE", "KNOWN", "AT");
        for (NearbyNode node : found.nodes()) {
            table.row(node.name(), node.id(), node.known() ? "yes" : "no",
                    String.join(" ", node.endpoints()));
        }
        if (table.isEmpty()) {
            say("no node announces itself nearby; both must be in one network that lets multicast through "
                    + "(UDP 5353)");
        } else {
            table.print(out());
        }
    }
}
