package org.myclerk.runtime.cli;

import java.io.IOException;

import org.myclerk.api.client.Peer;
import org.myclerk.api.operation.ProtocolException.Refused;
import picocli.CommandLine.Option;

/** A command for this home's node or for a peer. */
abstract class NodeTask extends Task {

    @Option(names = "--on", paramLabel = "PEER", defaultValue = Reach.SELF,
            description = "The node that is meant; this home's if not given.")
    private String on;

    final Peer node() throws Failure, Refused, IOException, InterruptedException {
        return root().reach().peer(on);
    }
}
