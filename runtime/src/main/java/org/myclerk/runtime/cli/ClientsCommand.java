package org.myclerk.runtime.cli;

import java.io.IOException;
import java.util.Locale;
import java.util.Optional;

import org.myclerk.api.client.Peer;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.op.client.ClientList;
import org.myclerk.op.client.ClientOperations;
import org.myclerk.op.client.ClientPage;
import org.myclerk.op.client.ClientStatus;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Lists a node's clients and how much they can be counted on. */
@Command(name = "clients",
        description = "List the clients of a node: whether they are there, and how reliably.",
        footer = {"",
        "Core: there for more than 95 %% of the last 30 days. Bonus: not that, or not known for 30 days."})
final class ClientsCommand extends Task {

    @Parameters(paramLabel = "PEER", arity = "0..1",
            description = "A name, a node id, or self (if not given).")
    private String peer = Reach.SELF;

    @Override
    void run() throws Failure, Refused, IOException, InterruptedException {
        Peer node = root().reach().peer(peer);
        Table table = new Table("NAME", "NODE", "CLASS", "UPTIME", "HEARD", "STATE");
        Optional<Bytes> after = Optional.empty();
        do {
            ClientList page = node.call(ClientOperations.CLIENT_LIST, new ClientPage(after));
            if (json()) {
                root().print(ClientOperations.CLIENT_LIST, page);
            }
            for (ClientStatus client : page.clients()) {
                table.row(client.name(), client.id().toHex(),
                        client.nodeClass().name().toLowerCase(Locale.ROOT),
                        "%.2f %%".formatted(client.uptime()), When.ago(client.lastHeard()),
                        client.connected() ? "connected" : "away");
            }
            after = page.next();
        } while (after.isPresent());
        if (json()) {
            return;
        }
        if (table.isEmpty()) {
            say("no clients yet; invite one with myclerk invite");
        } else {
            table.print(out());
        }
    }
}
