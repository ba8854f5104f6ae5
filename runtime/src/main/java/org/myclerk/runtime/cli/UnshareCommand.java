package org.myclerk.runtime.cli;

import java.io.IOException;
import java.util.List;

import org.myclerk.api.client.Peer;
import org.myclerk.api.guard.Subject;
import org.myclerk.api.node.PeerState;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.None;
import org.myclerk.vendor.node.NodeOperations;
import org.myclerk.vendor.node.Share;
import org.myclerk.vendor.node.Shares;
import org.myclerk.vendor.node.Unshare;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Takes rights back. */
@Command(name = "unshare", customSynopsis = "myclerk unshare DEVICE [with WHO] [--at PEER]",
        description = "Take a right back, at once: whoever uses the device by it is stopped.",
        footer = {"", "  myclerk unshare tv with max", "  myclerk unshare tv"})
final class UnshareCommand extends Task {

    @Mixin
    private At at;

    @Parameters(index = "0..*", arity = "1..*", paramLabel = "WORD", hidden = true)
    private List<String> words = List.of();

    @Override
    void run() throws Failure, Refused, IOException, InterruptedException {
        boolean everybody = words.size() == 1;
        if (!everybody && (words.size() != 3 || !words.get(1).matches("with|from"))) {
            throw Failure.usage("write it like this: myclerk unshare DEVICE [with WHO]");
        }
        Peer node = at.node(this);
        List<Subject> from = everybody ? List.of() : List.of(At.subject(node, words.get(2)));
        String device = At.device(node, words.getFirst());
        Shares taken = node.call(NodeOperations.NODE_UNSHARE, new Unshare(device, from));
        if (json()) {
            root().print(NodeOperations.NODE_UNSHARE, taken);
            return;
        }
        if (taken.shares().isEmpty()) {
            say(everybody ? "%s was shared with nobody".formatted(device)
                    : "%s was not shared with %s".formatted(device, words.get(2)));
            return;
        }
        List<PeerState> peers = node.call(NodeOperations.NODE_PEERS, None.NONE).peers();
        for (Share share : taken.shares()) {
            out().println("%s is no longer shared with %s".formatted(device,
                    At.words(share.grant().to(), peers)));
        }
    }
}
