package org.myclerk.runtime.cli;

import java.io.IOException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import org.myclerk.api.client.Peer;
import org.myclerk.api.guard.AccessMode;
import org.myclerk.api.guard.Grant;
import org.myclerk.api.guard.Subject;
import org.myclerk.api.guard.Weekly;
import org.myclerk.api.node.PeerState;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.None;
import org.myclerk.vendor.node.NodeOperations;
import org.myclerk.vendor.node.Share;
import org.myclerk.vendor.node.ShareWith;
import org.myclerk.vendor.node.Shares;
import org.myclerk.vendor.node.TimeZone;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shares a device, or shows what is shared. */
@Command(name = "share", customSynopsis = {"myclerk share [--at PEER]",
    "myclerk share DEVICE with WHO [read|write|use|exclusive|nothing] [--when TIMES] [--from TIME] "
    + "[--until TIME]"},
        description =
        "Share a device with a person, a role or a node; without arguments, show what is shared.",
        footer = {"", "  myclerk share usb-printer with anna", "  myclerk share door with child read",
            "  myclerk share tv with max use --when \"Sat 14:00-18:00\"",
            "  myclerk share camera with guest exclusive --until \"2 h\"",
            "WHO is a person, then a role (hub, member, child, guest), then a node; person:NAME, role:NAME "
            + "and",
            "node:NAME leave no doubt. What was shared with WHO before is replaced. A right to a node "
            + "counts before",
            "one to its person, and that before one to a role. Times are those of the node that has the "
            + "device."})
final class ShareCommand extends Task {

    @Mixin
    private At at;

    @Parameters(index = "0..*", arity = "0..*", paramLabel = "WORD", hidden = true)
    private List<String> words = List.of();

    @Option(names = "--when", paramLabel = "TIMES",
            description =
            "Times of the week, such as \"Sat 14:00-18:00\" or \"Mon-Fri 15-17:30, Sun 10-20\".")
    private String when;

    @Option(names = "--from", paramLabel = "TIME",
            description = "When it begins: 18:00, 2026-12-24 18:00, 2 h or 3 d.")
    private String from;

    @Option(names = "--until", paramLabel = "TIME", description = "When it ends, written like --from.")
    private String until;

    @Override
    void run() throws Failure, Refused, IOException, InterruptedException {
        if (words.isEmpty()) {
            list();
            return;
        }
        if (words.size() < 3 || words.size() > 4 || !words.get(1).equals("with")) {
            throw Failure.usage(
                    "write it like this: myclerk share DEVICE with WHO [read|write|use|exclusive|nothing]");
        }
        AccessMode mode = mode(words.size() == 4 ? words.get(3) : "use");
        List<Weekly> times = times(when);
        Peer node = at.node(this);
        ZoneId zone = zone(node);
        Instant now = Instant.now();
        Optional<Long> begin = moment("--from", from, now, zone);
        Optional<Long> end = moment("--until", until, now, zone);
        if (begin.isPresent() && end.isPresent() && end.get() <= begin.get()) {
            throw Failure.usage("--until: it would end before it begins");
        }
        Subject subject = At.subject(node, words.get(2));
        Grant grant = new Grant(At.device(node, words.getFirst()), subject, mode, times, begin, end);
        node.call(NodeOperations.NODE_SHARE, new ShareWith(List.of(grant)));
        if (json()) {
            root().print(NodeOperations.NODE_SHARES, new Shares(List.of(new Share(grant, true)), zone.getId(),
                    Optional.empty()));
            return;
        }
        List<PeerState> peers = node.call(NodeOperations.NODE_PEERS, None.NONE).peers();
        out().println("%s may %s %s: %s".formatted(At.words(subject, peers),
                mode == AccessMode.NONE ? "not use"
                : mode.words(), grant.device(), At.times(grant, zone)));
    }

    static ZoneId zone(Peer node) throws Refused, IOException, InterruptedException {
        TimeZone told = node.call(NodeOperations.NODE_TIME_ZONE, new TimeZone(Optional.empty()));
        return ZoneId.of(told.zone().orElseThrow());
    }

    private static Optional<Long> moment(String option, String text, Instant now, ZoneId zone)
            throws Failure {
        return text == null ? Optional.empty() : Optional.of(Moment.parse(option, text, now, zone));
    }

    private static List<Weekly> times(String text) throws Failure {
        try {
            return text == null ? List.of() : Weekly.parse(text);
        } catch (IllegalArgumentException wrong) {
            throw Failure.usage("--when: " + wrong.getMessage());
        }
    }

    static AccessMode mode(String word) throws Failure {
        return switch (word.toLowerCase(Locale.ROOT)) {
            case "use", "read-write" -> AccessMode.READ_WRITE;
            case "read", "read-only" -> AccessMode.READ_ONLY;
            case "write", "write-only" -> AccessMode.WRITE_ONLY;
            case "exclusive" -> AccessMode.EXCLUSIVE;
            case "nothing", "none" -> AccessMode.NONE;
            default ->
                    throw Failure.usage(
                            "\"%s\" is no way to share; write read, write, use, exclusive or nothing"
                    .formatted(word));
        };
    }

    private void list() throws Failure, Refused, IOException, InterruptedException {
        Peer node = at.node(this);
        List<Share> shares = At.shares(node, Optional.empty());
        ZoneId zone = zone(node);
        if (json()) {
            root().print(NodeOperations.NODE_SHARES, new Shares(shares, zone.getId(), Optional.empty()));
            return;
        }
        if (shares.isEmpty()) {
            say("%s shares nothing; myclerk share DEVICE with WHO changes that".formatted(node.name()));
            return;
        }
        print(this, node, shares, zone);
    }

    /** Prints grants as a table. */
    static void print(Task task, Peer node, List<Share> shares, ZoneId zone)
            throws Refused, IOException, InterruptedException {
        List<PeerState> peers = node.call(NodeOperations.NODE_PEERS, None.NONE).peers();
        Table table = new Table("DEVICE", "WITH", "MAY", "WHEN (" + zone + ")", "NOW");
        for (Share share : shares) {
            Grant grant = share.grant();
            table.row(grant.device(), At.words(grant.to(), peers), grant.mode().words(),
                    At.times(grant, zone),
                    share.inForce() ? "in force" : "not its time");
        }
        table.print(task.out());
    }
}
