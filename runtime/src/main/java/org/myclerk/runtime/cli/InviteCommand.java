package org.myclerk.runtime.cli;

import java.io.IOException;
import java.util.List;

import org.myclerk.api.client.Peer;
import org.myclerk.api.node.Roles;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.transport.Endpoint;
import org.myclerk.vendor.node.InvitationText;
import org.myclerk.vendor.node.Invite;
import org.myclerk.vendor.node.NodeOperations;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Invites a node into the family. */
@Command(name = "invite",
        description = "Make an invitation: one line of text that another node joins with, once.",
        footer = {"", "On the other machine: myclerk join INVITATION"})
final class InviteCommand extends Task {

    @Option(names = "--role", paramLabel = "ROLE", defaultValue = Roles.MEMBER,
            description =
            "What the new node may be: admin, hub, member, child or guest (${DEFAULT-VALUE} if not given).")
    private String role;

    @Option(names = "--minutes", paramLabel = "M", defaultValue = "15",
            description = "How long it is good, 1..15 (${DEFAULT-VALUE} if not given).")
    private int minutes;

    @Option(names = "--at", paramLabel = "HOST:PORT", arity = "1..*",
            description = "Where this node is reached; the addresses it listens on if not given.")
    private List<String> at = List.of();

    @Option(names = "--qr", description = "Draw a QR code of it, on standard error.")
    private boolean qr;

    @Mixin
    private RootPassphrase passphrase;

    @Override
    void run() throws Failure, Refused, IOException, InterruptedException {
        if (!Roles.GRANTABLE.contains(role)) {
            throw Failure.usage("--role: \"%s\" is not one of %s%s".formatted(role,
                    String.join(", ", Roles.GRANTABLE), Suggestion.ending(role, Roles.GRANTABLE)));
        }
        if (minutes < 1 || minutes > 15) {
            throw Failure.usage("--minutes: %d is not in 1..15".formatted(minutes));
        }
        for (String endpoint : at) {
            check(endpoint);
        }
        Peer node = root().reach().own();
        InvitationText invitation = node.call(NodeOperations.NODE_INVITE,
                new Invite(role, minutes, at, passphrase.at(node)));
        if (json()) {
            root().print(NodeOperations.NODE_INVITE, invitation);
        } else {
            out().println(invitation.text());
        }
        out().flush();
        if (qr) {
            root().streams().err().print(QrText.of(invitation.text()));
        }
    }

    private static void check(String endpoint) throws Failure {
        try {
            Endpoint.parse(endpoint);
        } catch (IllegalArgumentException wrong) {
            throw Failure.usage("--at: " + wrong.getMessage());
        }
    }
}
