package org.myclerk.runtime.cli;

import java.io.IOException;
import java.time.ZoneId;
import java.util.Locale;
import java.util.Optional;

import org.myclerk.api.client.Peer;
import org.myclerk.api.guard.Audit;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.vendor.node.AuditEntries;
import org.myclerk.vendor.node.AuditPage;
import org.myclerk.vendor.node.NodeOperations;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows the audit. */
@Command(name = "audit",
        description = "Show who shared, used, locked and was refused what; the newest first.",
        footer = {"", "  myclerk audit usb-printer --limit 20"})
final class AuditCommand extends Task {

    @Mixin
    private At at;

    @Parameters(arity = "0..1", paramLabel = "DEVICE",
            description = "Only what is about it: its id, or its name.")
    private String device;

    @Option(names = "--limit", paramLabel = "N", description = "At most so many, 1..500; 50 if not given.")
    private int limit = 50;

    @Option(names = "--before", paramLabel = "NUMBER", description = "Go on before the entry of that number.")
    private Optional<Long> before = Optional.empty();

    @Override
    void run() throws Failure, Refused, IOException, InterruptedException {
        if (limit < 1 || limit > 500) {
            throw Failure.usage("--limit: %d is not in 1..500".formatted(limit));
        }
        Peer node = at.node(this);
        Optional<String> id = device == null ? Optional.empty() : Optional.of(At.device(node, device));
        AuditEntries entries = node.call(NodeOperations.NODE_AUDIT,
                new AuditPage(before, Optional.of(limit), id));
        if (json()) {
            root().print(NodeOperations.NODE_AUDIT, entries);
            return;
        }
        ZoneId zone = ZoneId.systemDefault();
        Table table = new Table("NUMBER", "WHEN", "KIND", "WHO", "DEVICE", "WHAT HAPPENED", "TIMES");
        for (Audit.Entry entry : entries.entries()) {
            table.row(entry.number(), Moment.text(entry.time(), zone),
                    entry.kind().name().toLowerCase(Locale.ROOT),
                    entry.who(), entry.device().orElse("-"), entry.text(), entry.count());
        }
        if (table.isEmpty()) {
            say("nothing has happened that is kept");
        } else {
            table.print(out());
        }
    }
}
