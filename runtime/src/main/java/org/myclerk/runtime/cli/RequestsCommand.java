package org.myclerk.runtime.cli;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import org.myclerk.api.client.Followed;
import org.myclerk.api.client.Peer;
import org.myclerk.api.client.Peer.CallOptions;
import org.myclerk.api.guard.AccessMode;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.op.client.ClientOperations;
import org.myclerk.op.client.DeviceRequest;
import org.myclerk.op.client.NewRequest;
import org.myclerk.op.client.RequestDecision;
import org.myclerk.op.client.RequestList;
import org.myclerk.op.client.RequestQuery;
import org.myclerk.op.client.RequestRef;
import org.myclerk.op.client.RequestState;
import org.myclerk.op.client.RequestSummary;
import org.myclerk.op.client.RequestedDevice;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Requests of hubs for devices: made, looked at and decided. */
@Command(name = "requests",
        description = "List the devices that hubs ask this node for, and approve or reject them.",
        subcommands = {RequestsCommand.ListThem.class, RequestsCommand.Show.class,
        RequestsCommand.Approve.class,
            RequestsCommand.Reject.class, RequestsCommand.Create.class, RequestsCommand.Cancel.class})
final class RequestsCommand extends Task {

    private static final int SHORT = 8;

    @Mixin
    private At at;

    @Override
    void run() throws Failure, Refused, IOException, InterruptedException {
        list(this, at, false);
    }

    private static void list(Task task, At at, boolean all)
            throws Failure, Refused, IOException, InterruptedException {
        RequestList list = at.node(task).call(ClientOperations.DEVICE_REQUEST_LIST,
                new RequestQuery(Optional.of(all)));
        if (task.json()) {
            task.root().print(ClientOperations.DEVICE_REQUEST_LIST, list);
            return;
        }
        Table table = new Table("REQUEST", "FROM", "DEVICES", "STATE", "ASKED", "UNTIL");
        for (RequestSummary request : list.requests()) {
            table.row(brief(request.token()), request.hub(), request.devices(), words(request.state()),
                    When.ago(request.created()), When.date(request.expires()));
        }
        if (table.isEmpty()) {
            task.say("no request is %s".formatted(all ? "on record"
                    : "pending; myclerk requests list --all shows the others"));
        } else {
            table.print(task.out());
        }
    }

    private static String brief(Bytes token) {
        return token.toHex().substring(0, SHORT);
    }

    private static String words(RequestState state) {
        return switch (state) {
            case PENDING -> "pending";
            case APPROVED -> "approved";
            case PARTIALLY_APPROVED -> "approved in part";
            case REJECTED -> "rejected";
            case EXPIRED -> "expired";
            case CANCELLED -> "cancelled";
        };
    }

    /** The request that is meant. */
    private static DeviceRequest find(Peer peer, String request)
            throws Failure, Refused, IOException, InterruptedException {
        String digits = request.toLowerCase(Locale.ROOT);
        List<RequestSummary> found = !digits.matches("[0-9a-f]{4,32}") ? List.of()
                : peer.call(ClientOperations.DEVICE_REQUEST_LIST, new RequestQuery(Optional.of(true)))
                .requests()
                .stream().filter(one -> one.token().toHex().startsWith(digits)).toList();
        if (found.size() > 1) {
            throw new Failure("%s: %d requests begin so, write more of it".formatted(request, found.size()));
        }
        if (found.isEmpty()) {
            throw new Failure("%s: no such request; myclerk requests list --all shows them".formatted(
                    request));
        }
        return peer.call(ClientOperations.DEVICE_REQUEST_DETAILS, new RequestRef(found.getFirst().token()));
    }

    private static void tell(Task task, DeviceRequest request) {
        if (task.json()) {
            task.root().print(ClientOperations.DEVICE_REQUEST_DETAILS, request);
            return;
        }
        task.out().println("request %s of %s: %s".formatted(brief(request.token()), request.hubName(),
                words(request.state())));
        request.purpose().ifPresent(purpose -> task.out().println("  what for: " + purpose));
        task.out().println("  asked %s, good until %s".formatted(When.date(request.created()),
                When.date(request.expires())));
        request.decidedBy().ifPresent(by -> task.out().println("  decided by %s%s".formatted(by,
                request.reason().map(reason -> ": " + reason).orElse(""))));
        Table table = new Table("DEVICE", "TO", "");
        for (RequestedDevice device : request.devices()) {
            table.row(device.device(), device.mode().words(),
                    request.approved().contains(device.device()) ? "approved" : "");
        }
        table.print(task.out());
    }

    /** {@code requests list}. */
    @Command(name = "list", description = "List requests.")
    static final class ListThem extends Task {

        @Mixin
        private At at;

        @Option(names = "--all", description = "Those that are decided, expired or cancelled, too.")
        private boolean all;

        @Override
        void run() throws Failure, Refused, IOException, InterruptedException {
            list(this, at, all);
        }
    }

    /** {@code requests show}. */
    @Command(name = "show", description = "Show a request with its devices.")
    static final class Show extends Task {

        @Parameters(paramLabel = "REQUEST", description = "The first digits of its token.")
        private String request;

        @Mixin
        private At at;

        @Option(names = "--wait", description = "Wait until it is decided, expired or cancelled.")
        private boolean wait;

        @Override
        void run() throws Failure, Refused, IOException, InterruptedException {
            Peer peer = at.node(this);
            DeviceRequest found = find(peer, request);
            if (wait) {
                found = outcome(peer, found);
            }
            tell(this, found);
        }

        private static DeviceRequest outcome(Peer peer, DeviceRequest found)
                throws Refused, IOException, InterruptedException {
            DeviceRequest last = found;
            try (Followed<DeviceRequest> followed = peer.follow(ClientOperations.DEVICE_REQUEST_DETAILS,
                    new RequestRef(found.token()), 1, CallOptions.USUAL)) {
                for (DeviceRequest next = followed.next(); next != null; next = followed.next()) {
                    last = next;
                }
            }
            return last;
        }
    }

    /** {@code requests approve}. */
    @Command(name = "approve",
            description = "Approve a request: its devices are shared with the hub at once.")
    static final class Approve extends Task {

        @Parameters(index = "0", paramLabel = "REQUEST", description = "The first digits of its token.")
        private String request;

        @Parameters(index = "1..*", arity = "0..*", paramLabel = "DEVICE",
                description = "Only these of its devices; all if none is given.")
        private List<String> devices = List.of();

        @Mixin
        private At at;

        @Option(names = "--reason", paramLabel = "TEXT", description = "Told to the hub.")
        private Optional<String> reason;

        @Override
        void run() throws Failure, Refused, IOException, InterruptedException {
            Peer peer = at.node(this);
            DeviceRequest found = find(peer, request);
            List<String> approved = devices.isEmpty()
                    ? found.devices().stream().map(RequestedDevice::device).toList() : devices;
            tell(this, peer.call(ClientOperations.DEVICE_REQUEST_RESPOND,
                    new RequestDecision(found.token(), approved, reason)));
        }
    }

    /** {@code requests reject}. */
    @Command(name = "reject", description = "Reject a request: nothing is shared.")
    static final class Reject extends Task {

        @Parameters(paramLabel = "REQUEST", description = "The first digits of its token.")
        private String request;

        @Mixin
        private At at;

        @Option(names = "--reason", paramLabel = "TEXT", description = "Told to the hub.")
        private Optional<String> reason;

        @Override
        void run() throws Failure, Refused, IOException, InterruptedException {
            Peer peer = at.node(this);
            tell(this, peer.call(ClientOperations.DEVICE_REQUEST_RESPOND,
                    new RequestDecision(find(peer, request).token(), List.of(), reason)));
        }
    }

    /** {@code requests create}. */
    @Command(name = "create", description = "Ask a node to share devices with this one, which is a hub.",
            footer = {"", "  myclerk requests create kitchen usb-printer",
            "  myclerk requests create kitchen door=read bell=read",
                "What the node has: myclerk devices PEER"})
    static final class Create extends Task {

        @Parameters(index = "0", paramLabel = "PEER", description = "The node that owns the devices.")
        private String peer;

        @Parameters(index = "1..*", arity = "1..*", paramLabel = "DEVICE[=MODE]",
                description =
                "Its devices, by id or name; the mode is read, write, use or exclusive, and use if not "
                + "given.")
        private List<String> devices;

        @Option(names = "--hours", paramLabel = "H", defaultValue = "24",
                description = "How long it can be decided (${DEFAULT-VALUE} if not given).")
        private int hours;

        @Option(names = "--purpose", paramLabel = "TEXT",
                description = "What for, for the person who decides.")
        private Optional<String> purpose;

        @Override
        void run() throws Failure, Refused, IOException, InterruptedException {
            Peer owner = root().reach().peer(peer);
            List<RequestedDevice> wanted = new ArrayList<>();
            for (String word : devices) {
                int sign = word.lastIndexOf('=');
                AccessMode mode = ShareCommand.mode(sign < 0 ? "use" : word.substring(sign + 1));
                if (mode == AccessMode.NONE) {
                    throw Failure.usage(
                            "\"%s\" asks for nothing; write read, write, use or exclusive".formatted(word));
                }
                wanted.add(new RequestedDevice(At.device(owner, sign < 0 ? word : word.substring(0, sign)),
                        mode));
            }
            byte[] token = new byte[16];
            new SecureRandom().nextBytes(token);
            NewRequest request;
            try {
                request = new NewRequest(Bytes.wrap(token), wanted,
                        Instant.now().getEpochSecond() + hours * 3600L, purpose);
            } catch (IllegalArgumentException wrong) {
                throw Failure.usage(wrong.getMessage());
            }
            tell(this, owner.call(ClientOperations.DEVICE_REQUEST_CREATE, request));
        }
    }

    /** {@code requests cancel}. */
    @Command(name = "cancel", description = "Take back a request that this node made.")
    static final class Cancel extends Task {

        @Parameters(index = "0", paramLabel = "PEER", description = "The node that owns the devices.")
        private String peer;

        @Parameters(index = "1", paramLabel = "REQUEST", description = "The first digits of its token.")
        private String request;

        @Override
        void run() throws Failure, Refused, IOException, InterruptedException {
            Peer owner = root().reach().peer(peer);
            tell(this, owner.call(ClientOperations.DEVICE_REQUEST_CANCEL,
                    new RequestRef(find(owner, request).token())));
        }
    }
}
