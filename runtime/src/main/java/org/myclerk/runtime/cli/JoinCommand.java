package org.myclerk.runtime.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

import org.myclerk.api.client.Client;
import org.myclerk.api.client.Peer.CallOptions;
import org.myclerk.api.node.Family;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.vendor.node.Join;
import org.myclerk.vendor.node.NodeOperations;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Joins a family with an invitation. */
@Command(name = "join", description = "Join a family with an invitation, whether the node runs or not.",
        footer = {"", "A home that does not exist is made: a person gets an operator home of their own so.",
            "A family that has no other member is replaced; one that has is not left."})
final class JoinCommand extends Task {

    @Parameters(paramLabel = "INVITATION",
            description = "The text of the invitation; - reads it from standard input.")
    private String invitation;

    @Option(names = "--name", paramLabel = "NAME", description = "What this node is called in the family.")
    private Optional<String> name;

    @Override
    void run() throws Failure, Refused, IOException, InterruptedException {
        String text = (invitation.equals("-") ? line() : invitation).strip();
        if (!text.matches("[A-Za-z0-9_-]{40,}=*")) {
            throw Failure.usage("the invitation is not whole: it is one line of letters, digits, - and _, "
                    + "as myclerk invite printed it");
        }
        Family.State family = join(text);
        if (json()) {
            root().print(NodeOperations.NODE_FAMILY, family);
        } else {
            out().println("joined family %s as %s (%s)".formatted(family.id().toHex(), family.name(),
                    String.join(", ", family.roles())));
        }
    }

    private Family.State join(String text) throws Refused, IOException, InterruptedException {
        if (java.nio.file.Files.isDirectory(root().home()) && running()) {
            return root().reach().own().call(NodeOperations.NODE_JOIN, new Join(text, name),
                    new CallOptions(null, java.time.Duration.ofSeconds(60)));
        }
        return Client.join(root().home(), text, name);
    }

    /** A home that has no identity yet cannot be opened and does not run. */
    private boolean running() {
        try {
            return root().client().running();
        } catch (IOException _) {
            return false;
        }
    }

    private String line() throws Failure, IOException {
        String line = new BufferedReader(new InputStreamReader(root().streams().in(), StandardCharsets.UTF_8))
                .readLine();
        if (line == null) {
            throw Failure.usage("standard input ended before an invitation came");
        }
        return line;
    }
}
