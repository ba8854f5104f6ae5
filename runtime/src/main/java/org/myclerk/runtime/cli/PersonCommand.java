package org.myclerk.runtime.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import org.myclerk.api.client.Peer;
import org.myclerk.api.guard.Person;
import org.myclerk.api.node.PeerState;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.None;
import org.myclerk.vendor.node.NodeOperations;
import org.myclerk.vendor.node.PersonName;
import org.myclerk.vendor.node.Persons;
import org.myclerk.vendor.node.TimeZone;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The persons of the family, and the nodes that belong to them. */
@Command(name = "person", description = "Show the persons that rights can be given to, or change them.",
        subcommands = {PersonCommand.Add.class, PersonCommand.Remove.class, PersonCommand.Zone.class},
        footer = {"", "  myclerk person add Max --kind child tablet old-phone",
        "  myclerk person remove Max"})
final class PersonCommand extends Task {

    @Mixin
    private At at;

    @Override
    void run() throws Failure, Refused, IOException, InterruptedException {
        Peer node = at.node(this);
        Persons persons = node.call(NodeOperations.NODE_PERSONS, None.NONE);
        if (json()) {
            root().print(NodeOperations.NODE_PERSONS, persons);
            return;
        }
        List<PeerState> peers = node.call(NodeOperations.NODE_PEERS, None.NONE).peers();
        Table table = new Table("PERSON", "IS", "NODES");
        for (Person person : persons.persons()) {
            table.row(person.name(), kind(person), String.join(", ", person.nodes().stream()
                    .map(id -> name(id, peers)).toList()));
        }
        if (table.isEmpty()) {
            say("%s knows no persons; add one with myclerk person add NAME NODE".formatted(node.name()));
        } else {
            table.print(out());
        }
    }

    private static String kind(Person person) {
        return person.kind().name().toLowerCase(Locale.ROOT);
    }

    private static String name(Bytes id, List<PeerState> peers) {
        return peers.stream().filter(peer -> peer.id().equals(id)).findFirst().map(PeerState::name)
                .orElseGet(id::toHex);
    }

    /** {@code person add}. */
    @Command(name = "add", description = "Add a person, or change what it is and which nodes belong to it.")
    static final class Add extends Task {

        @Mixin
        private At at;

        @Parameters(index = "0", paramLabel = "NAME")
        private String name;

        @Parameters(index = "1..*", arity = "0..*", paramLabel = "NODE",
                description = "All nodes that belong to it: names or node ids.")
        private List<String> nodes = List.of();

        @Option(names = "--kind", paramLabel = "KIND",
                description = "adult, child or guest; adult if not given.")
        private String kind = "adult";

        @Override
        void run() throws Failure, Refused, IOException, InterruptedException {
            Person.Kind meant = switch (kind.toLowerCase(Locale.ROOT)) {
                case "adult" -> Person.Kind.ADULT;
                case "child" -> Person.Kind.CHILD;
                case "guest" -> Person.Kind.GUEST;
                default -> throw Failure.usage("--kind: \"%s\" is not adult, child or guest".formatted(kind));
            };
            Peer node = at.node(this);
            List<PeerState> peers = node.call(NodeOperations.NODE_PEERS, None.NONE).peers();
            List<Bytes> ids = new ArrayList<>();
            for (String each : nodes) {
                ids.add(each.matches("[0-9a-fA-F]{32}") ? Bytes.ofHex(each) : Reach.choose(peers, each).id());
            }
            Person person = new Person(name, meant, ids);
            node.call(NodeOperations.NODE_PERSON_SET, person);
            if (json()) {
                root().print(NodeOperations.NODE_PERSONS, new Persons(List.of(person)));
            } else {
                out().println("%s, %s, has %s".formatted(name, kind(person), nodes.isEmpty() ? "no nodes"
                        : String.join(", ", nodes)));
            }
        }
    }

    /** {@code person remove}. */
    @Command(name = "remove", description = "Remove a person, and take back the rights given to it.")
    static final class Remove extends Task {

        @Mixin
        private At at;

        @Parameters(paramLabel = "NAME")
        private String name;

        @Override
        void run() throws Failure, Refused, IOException, InterruptedException {
            at.node(this).call(NodeOperations.NODE_PERSON_REMOVE, new PersonName(name));
            if (!json()) {
                out().println("%s is removed".formatted(name));
            }
        }
    }

    /** {@code person zone}. */
    @Command(name = "zone", description = "Tell or set the time zone in which times of rights are meant.")
    static final class Zone extends Task {

        @Mixin
        private At at;

        @Parameters(arity = "0..1", paramLabel = "ZONE", description = "Europe/Berlin for instance.")
        private String zone;

        @Override
        void run() throws Failure, Refused, IOException, InterruptedException {
            TimeZone told = at.node(this).call(NodeOperations.NODE_TIME_ZONE,
                    new TimeZone(Optional.ofNullable(zone)));
            if (json()) {
                root().print(NodeOperations.NODE_TIME_ZONE, told);
            } else {
                out().println(told.zone().orElseThrow());
            }
        }
    }
}
