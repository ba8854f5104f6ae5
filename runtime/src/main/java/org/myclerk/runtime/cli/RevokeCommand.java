package org.myclerk.runtime.cli;

import java.io.IOException;

import org.myclerk.api.client.Peer;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.vendor.node.NodeOperations;
import org.myclerk.vendor.node.Revoke;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Takes a node out of the family. */
@Command(name = "revoke",
        description = "Take a node out of the family: its certificates end, and its sessions now.",
        footer = {"", "It comes back with a new invitation only."})
final class RevokeCommand extends Task {

    @Parameters(paramLabel = "PEER", description = "Its name or its node id.")
    private String peer;

    @Mixin
    private RootPassphrase passphrase;

    @Override
    void run() throws Failure, Refused, IOException, InterruptedException {
        Peer node = root().reach().own();
        node.call(NodeOperations.NODE_REVOKE, new Revoke(peer, passphrase.at(node)));
        if (json()) {
            out().println("{}");
        } else {
            out().println("revoked " + peer);
        }
    }
}
