package org.myclerk.runtime.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import org.myclerk.api.client.Peer;
import org.myclerk.api.device.DeviceView;
import org.myclerk.api.guard.Grant;
import org.myclerk.api.guard.Person;
import org.myclerk.api.guard.Subject;
import org.myclerk.api.node.PeerState;
import org.myclerk.api.node.Roles;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.None;
import org.myclerk.op.device.DeviceList;
import org.myclerk.op.device.DeviceOperations;
import org.myclerk.op.device.DevicePage;
import org.myclerk.vendor.node.NodeOperations;
import org.myclerk.vendor.node.Share;
import org.myclerk.vendor.node.Shares;
import org.myclerk.vendor.node.SharesPage;
import picocli.CommandLine.Option;

/**
 * The node whose devices a command is about, and what people call its devices and those they are shared with.
 */
final class At {

    private static final List<String> ROLES = List.of(Roles.HUB, Roles.MEMBER, Roles.CHILD, Roles.GUEST);

    @Option(names = "--at", paramLabel = "PEER",
            description = "The node that has the device; this one if not given.")
    private String peer = Reach.SELF;

    Peer node(Task task) throws Failure, Refused, IOException, InterruptedException {
        return task.root().reach().peer(peer);
    }

    /** All devices of a node that we may see: those that are shared, if we may not ask for all. */
    static List<DeviceView> devices(Peer node) throws Refused, IOException, InterruptedException {
        try {
            return pages(node, DeviceOperations.DEVICE_DISCOVER);
        } catch (Refused refused) {
            if (refused.code().equals(ErrorCode.FORBIDDEN)) {
                return shared(node);
            }
            throw refused;
        }
    }

    /** The devices of a node that are shared with us. */
    static List<DeviceView> shared(Peer node) throws Refused, IOException, InterruptedException {
        return pages(node, DeviceOperations.DEVICE_LIST);
    }

    /** Those that are plugged in and those that are known and away, in the order of their ids. */
    private static List<DeviceView> pages(Peer node, Operation<DevicePage, DeviceList> operation)
            throws Refused, IOException, InterruptedException {
        List<DeviceView> all = new ArrayList<>(pages(node, operation, false));
        all.addAll(pages(node, operation, true));
        all.sort(Comparator.comparing(DeviceView::device));
        return all;
    }

    private static List<DeviceView> pages(Peer node, Operation<DevicePage, DeviceList> operation,
            boolean away)
            throws Refused, IOException, InterruptedException {
        List<DeviceView> all = new ArrayList<>();
        Optional<String> after = Optional.empty();
        do {
            DeviceList page = node.call(operation, new DevicePage(after, Optional.of(256),
                    Optional.of(away)));
            all.addAll(page.devices());
            after = page.next();
        } while (after.isPresent());
        return all;
    }

    /** All grants of a node, or those on one device. */
    static List<Share> shares(Peer node, Optional<String> device)
            throws Refused, IOException, InterruptedException {
        List<Share> all = new ArrayList<>();
        Optional<String> after = Optional.empty();
        do {
            Shares page = node.call(NodeOperations.NODE_SHARES, new SharesPage(device, after));
            all.addAll(page.shares());
            after = page.next();
        } while (after.isPresent());
        return all;
    }

    /** The id of the device that is meant: by id, or by name if only one has it, plugged in or away. */
    static String device(Peer node, String wanted) throws Failure, Refused, IOException,
            InterruptedException {
        List<DeviceView> devices = devices(node);
        if (devices.stream().anyMatch(view -> view.device().equals(wanted))) {
            return wanted;
        }
        List<String> named = devices.stream().filter(view -> view.name().equalsIgnoreCase(wanted))
                .map(DeviceView::device).toList();
        if (named.size() == 1) {
            return named.getFirst();
        }
        if (named.size() > 1) {
            throw new Failure("%s: %d devices are called so, write the id: %s".formatted(wanted, named.size(),
                    String.join(", ", named)));
        }
        if (!shares(node, Optional.of(wanted)).isEmpty()) {
            return wanted;
        }
        List<String> known = new ArrayList<>(devices.stream().map(DeviceView::device).toList());
        devices.forEach(view -> known.add(view.name()));
        throw new Failure("%s: %s has no such device%s; myclerk devices lists them".formatted(wanted,
                node.name(),
                Suggestion.ending(wanted, known)));
    }

    /**
     * Who is meant: a person, a role or a node; {@code person:}, {@code role:} and {@code node:} leave no
     * doubt.
     */
    static Subject subject(Peer node, String wanted) throws Failure, Refused, IOException,
            InterruptedException {
        int colon = wanted.indexOf(':');
        String kind = colon < 0 ? "" : wanted.substring(0, colon);
        String name = wanted.substring(colon + 1);
        List<Person> persons = node.call(NodeOperations.NODE_PERSONS, None.NONE).persons();
        if (kind.isEmpty() || kind.equals("person")) {
            Optional<Person> person = persons.stream().filter(each -> each.name().equalsIgnoreCase(name))
                    .findFirst();
            if (person.isPresent()) {
                return Subject.person(person.get().name());
            }
        }
        if ((kind.isEmpty() || kind.equals("role")) && ROLES.contains(name.toLowerCase(Locale.ROOT))) {
            return Subject.role(name.toLowerCase(Locale.ROOT));
        }
        List<PeerState> peers = node.call(NodeOperations.NODE_PEERS, None.NONE).peers();
        if (kind.equals("node") || kind.isEmpty() && (peers.stream()
                .anyMatch(each -> each.name().equals(name))
                || name.matches("[0-9a-fA-F]{4,32}"))) {
            return name.matches("[0-9a-fA-F]{32}") ? new Subject(Subject.Kind.NODE, name)
                    : Subject.node(Reach.choose(peers, name).id());
        }
        List<String> known = new ArrayList<>(persons.stream().map(Person::name).toList());
        known.addAll(ROLES);
        peers.forEach(each -> known.add(each.name()));
        throw new Failure("%s: %s knows no such person, role or node%s; add a person with myclerk person add"
                .formatted(wanted, node.name(), Suggestion.ending(name, known)));
    }

    /** A subject as people call it: a node by its name. */
    static String words(Subject subject, List<PeerState> peers) {
        return switch (subject.kind()) {
            case NODE -> peers.stream().filter(peer -> peer.id().toHex().equals(subject.name())).findFirst()
                    .map(PeerState::name).orElse("node " + subject.name());
            case PERSON -> subject.name();
            case ROLE -> "every " + subject.name();
        };
    }

    /** A grant's times for people. */
    static String times(Grant grant, java.time.ZoneId zone) {
        List<String> words = new ArrayList<>();
        grant.when().forEach(weekly -> words.add(weekly.toString()));
        grant.from().ifPresent(from -> words.add("from " + Moment.text(from, zone)));
        grant.until().ifPresent(until -> words.add("until " + Moment.text(until, zone)));
        return words.isEmpty() ? "always" : String.join(", ", words);
    }
}
