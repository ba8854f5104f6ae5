package org.myclerk.runtime.cli;

import java.io.IOException;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;

import org.myclerk.api.client.Peer;
import org.myclerk.api.device.DeviceView;
import org.myclerk.api.guard.AccessMode;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.op.device.DeviceList;
import org.myclerk.op.device.DeviceOperations;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Lists devices. */
@Command(name = "devices",
        description = "List the devices of a node: all of them if we administer it, or those shared "
        + "with us.", footer = {"", "  myclerk devices kitchen-pi"})
final class DevicesCommand extends Task {

    @Parameters(paramLabel = "PEER", arity = "0..1",
            description = "A name, a node id, or self (if not given).")
    private String peer = Reach.SELF;

    @Override
    void run() throws Failure, Refused, IOException, InterruptedException {
        Peer node = root().reach().peer(peer);
        List<DeviceView> devices = root().reach().asksForAll(node) ? At.devices(node) : At.shared(node);
        if (json()) {
            root().print(DeviceOperations.DEVICE_LIST, new DeviceList(devices, Optional.empty()));
            return;
        }
        Table table = new Table("DEVICE", "NAME", "KIND", "WHERE", "STATE", "SHARED", "WE MAY");
        for (DeviceView view : devices) {
            table.row(view.device(), view.name(), view.kind()
                    + (view.physicalAccess() ? ", physical access" : ""),
                    view.place().map(place -> place + ", ").orElse("") + view.at(),
                    (view.simulated() ? "simulated, " : "") + state(view), view.shared() ? "yes" : "no",
                    may(view.mode()));
        }
        if (table.isEmpty()) {
            say("%s has no device that we may see; plug one in there, or have one shared".formatted(
                    node.name()));
        } else {
            table.print(out());
        }
    }

    /** What a device does, for people. */
    static String state(DeviceView view) {
        String holder = view.holder().orElse("nobody");
        return switch (view.state()) {
            case FREE -> "free";
            case IN_USE -> "in use by " + holder;
            case LOCKED -> "locked by " + holder;
            case AWAY -> "away, last seen " + Moment.text(view.lastSeen().orElse(0L), ZoneId.systemDefault())
                    + (view.holder().isPresent() ? ", locked by " + holder : "");
        };
    }

    private static String may(AccessMode mode) {
        return mode == AccessMode.NONE ? "nothing" : mode.words();
    }
}
