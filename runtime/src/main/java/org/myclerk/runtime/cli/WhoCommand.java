package org.myclerk.runtime.cli;

import java.io.IOException;
import java.time.ZoneId;

import org.myclerk.api.client.Peer;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.vendor.node.DeviceName;
import org.myclerk.vendor.node.DeviceUsers;
import org.myclerk.vendor.node.NodeOperations;
import org.myclerk.vendor.node.NodeRight;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Tells who may use a device. */
@Command(name = "who", description = "Tell who may use a device, and who does now.",
        footer = {"", "  myclerk who usb-printer"})
final class WhoCommand extends Task {

    @Mixin
    private At at;

    @Parameters(paramLabel = "DEVICE", description = "Its id, or its name.")
    private String device;

    @Override
    void run() throws Failure, Refused, IOException, InterruptedException {
        Peer node = at.node(this);
        DeviceUsers users = node.call(NodeOperations.NODE_WHO, new DeviceName(At.device(node, device)));
        if (json()) {
            root().print(NodeOperations.NODE_WHO, users);
            return;
        }
        out().println(users.device().map(view -> view.device() + " is " + DevicesCommand.state(view))
                .orElse(device + " is not plugged in"));
        ZoneId zone = ShareCommand.zone(node);
        if (users.shares().isEmpty()) {
            out().println("it is shared with nobody; administrators may use it");
        } else {
            ShareCommand.print(this, node, users.shares(), zone);
        }
        Table table = new Table("NODE", "OF", "MAY NOW");
        for (NodeRight right : users.nodes()) {
            table.row(right.name(), right.person().orElse("-"), right.mode().words());
        }
        if (!table.isEmpty()) {
            table.print(out());
        }
    }
}
