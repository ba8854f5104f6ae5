package org.myclerk.runtime.cli;

import java.io.IOException;
import java.util.Optional;

import org.myclerk.api.client.Peer;
import org.myclerk.api.guard.Step;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.vendor.node.NodeOperations;
import org.myclerk.vendor.node.Reasons;
import org.myclerk.vendor.node.Why;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Explains a decision of the guard. */
@Command(name = "why", description = "Explain, rule by rule, whether a peer may do something here now.",
        footer = {"", "  myclerk why tablet serial.port-open usb-printer"})
final class WhyCommand extends Task {

    @Mixin
    private At at;

    @Parameters(index = "0", paramLabel = "PEER", description = "Who wants to: a name or a node id.")
    private String peer;

    @Parameters(index = "1", paramLabel = "OPERATION", description = "What: myclerk ops lists them.")
    private String operation;

    @Parameters(index = "2", arity = "0..1", paramLabel = "DEVICE",
            description = "With which device: its id, or its name.")
    private String device;

    @Override
    void run() throws Failure, Refused, IOException, InterruptedException {
        Peer node = at.node(this);
        Optional<String> id = device == null ? Optional.empty() : Optional.of(At.device(node, device));
        Reasons reasons = node.call(NodeOperations.NODE_WHY, new Why(peer, operation, id));
        if (json()) {
            root().print(NodeOperations.NODE_WHY, reasons);
            return;
        }
        out().println("%s may%s".formatted(peer, reasons.allowed() ? "" : " not"));
        Table table = new Table("RULE", "RESULT", "BECAUSE");
        for (Step step : reasons.steps()) {
            table.row(step.rule(), step.passed() ? "passed" : "refused", step.text());
        }
        table.print(out());
    }
}
