package org.myclerk.vendor.node.internal;

import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

import org.myclerk.api.device.DeviceView;
import org.myclerk.api.device.Devices;
import org.myclerk.api.guard.AccessMode;
import org.myclerk.api.guard.Audit;
import org.myclerk.api.guard.Grant;
import org.myclerk.api.guard.Guard;
import org.myclerk.api.guard.Person;
import org.myclerk.api.guard.Rights;
import org.myclerk.api.guard.Rights.Change;
import org.myclerk.api.guard.Step;
import org.myclerk.api.guard.Who;
import org.myclerk.api.node.Node;
import org.myclerk.api.node.PeerState;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.OpCode;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.OperationTable;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Done;
import org.myclerk.vendor.node.AuditEntries;
import org.myclerk.vendor.node.AuditPage;
import org.myclerk.vendor.node.DeviceName;
import org.myclerk.vendor.node.DeviceUsers;
import org.myclerk.vendor.node.NodeRight;
import org.myclerk.vendor.node.PersonName;
import org.myclerk.vendor.node.Persons;
import org.myclerk.vendor.node.Reasons;
import org.myclerk.vendor.node.Share;
import org.myclerk.vendor.node.ShareWith;
import org.myclerk.vendor.node.Shares;
import org.myclerk.vendor.node.SharesPage;
import org.myclerk.vendor.node.TimeZone;
import org.myclerk.vendor.node.Unshare;
import org.myclerk.vendor.node.Why;

/** Rights, persons and audit of a node, for those who administer it: 0xFE60-0xFE69. */
final class RightsAdministration {

    private static final int SHARES_PER_PAGE = 500;
    private static final int USUAL_ENTRIES = 50;

    private final Node node;

    /** What there may be and may go while the node runs. */
    volatile Rights rights;
    volatile Guard guard;
    volatile Audit audit;
    volatile Devices devices;

    RightsAdministration(Node node) {
        this.node = node;
    }

    private static <S> S there(S service) throws Refused {
        if (service == null) {
            throw Refused.unavailable(
                    "this node keeps no rights now: install org.myclerk.devices, or try again");
        }
        return service;
    }

    Shares shares(SharesPage page) throws Refused {
        Rights book = there(rights);
        List<Grant> all = page.device().isPresent() ? book.of(page.device().get()) : book.all();
        List<Share> shares = new ArrayList<>();
        String after = page.after().orElse("");
        for (Grant grant : all) {
            if (grant.device().compareTo(after) <= 0) {
                continue;
            }
            String last = shares.isEmpty() ? "" : shares.getLast().grant().device();
            if (shares.size() >= SHARES_PER_PAGE && !grant.device().equals(last)) {
                return new Shares(shares, book.zone().getId(), Optional.of(last));
            }
            shares.add(new Share(grant, book.inForce(grant)));
        }
        return new Shares(shares, book.zone().getId(), Optional.empty());
    }

    Done share(Caller caller, ShareWith request) throws Refused {
        there(rights).change(caller.name(), request.grants().stream()
                .map(grant -> (Change) new Change.Give(grant))
                .toList());
        return Done.DONE;
    }

    Shares unshare(Caller caller, Unshare request) throws Refused {
        Rights book = there(rights);
        List<Grant> taken = book.of(request.device()).stream()
                .filter(grant -> request.from().isEmpty() || request.from().contains(grant.to())).toList();
        book.change(caller.name(), taken.stream()
                .map(grant -> (Change) new Change.Take(grant.device(), grant.to())).toList());
        return new Shares(taken.stream().map(grant -> new Share(grant, false)).toList(), book.zone().getId(),
                Optional.empty());
    }

    Persons persons() throws Refused {
        return new Persons(there(rights).persons());
    }

    Done putPerson(Caller caller, Person person) throws Refused {
        there(rights).change(caller.name(), List.of(new Change.Put(person)));
        return Done.DONE;
    }

    Done removePerson(Caller caller, PersonName request) throws Refused {
        Rights book = there(rights);
        if (book.persons().stream().noneMatch(person -> person.name().equals(request.name()))) {
            throw Refused.notFound("no person is called \"%s\"".formatted(request.name()));
        }
        book.change(caller.name(), List.of(new Change.Remove(request.name())));
        return Done.DONE;
    }

    TimeZone timeZone(Caller caller, TimeZone request) throws Refused {
        Rights book = there(rights);
        if (request.zone().isPresent()) {
            try {
                book.change(caller.name(), List.of(new Change.Zone(ZoneId.of(request.zone().get()))));
            } catch (DateTimeException wrong) {
                throw Refused.badRequest("\"%s\" is no time zone: write it like Europe/Berlin"
                        .formatted(request.zone().get()));
            }
        }
        return new TimeZone(Optional.of(book.zone().getId()));
    }

    /** A device that is plugged in or away; empty if it is not known here. */
    private Optional<DeviceView> view(Caller caller, String device) throws Refused {
        try {
            return Optional.of(there(devices).view(caller, device));
        } catch (Refused refused) {
            if (refused.code().equals(ErrorCode.NOT_FOUND)) {
                return Optional.empty();
            }
            throw refused;
        }
    }

    DeviceUsers who(Caller caller, DeviceName request) throws Refused {
        Rights book = there(rights);
        String device = request.device();
        Optional<DeviceView> view = view(caller, device);
        List<Share> shares = book.of(device).stream().map(grant -> new Share(grant, book.inForce(grant)))
                .toList();
        if (view.isEmpty() && shares.isEmpty()) {
            throw Refused.notFound("no device \"%s\" is here, and none is shared under that id".formatted(
                    device));
        }
        List<NodeRight> nodes = new ArrayList<>();
        for (PeerState peer : node.peers()) {
            AccessMode mode = book.mode(who(peer), device);
            if (mode != AccessMode.NONE && !peer.revoked()) {
                nodes.add(new NodeRight(peer.id(), peer.name(), book.personOf(peer.id()).map(Person::name),
                        mode));
            }
        }
        return new DeviceUsers(view, shares, nodes);
    }

    private static Who who(PeerState peer) {
        return new Who(peer.id(), Set.copyOf(peer.roles()));
    }

    Reasons why(Why request) throws Refused {
        List<PeerState> meant = node.peers().stream().filter(peer -> peer.name().equals(request.peer())
                || peer.id().toHex().equalsIgnoreCase(request.peer())).toList();
        if (meant.size() != 1) {
            throw Refused.notFound(
                    "%s peers are called \"%s\": see myclerk peers, and write the node id if need be"
                    .formatted(meant.isEmpty() ? "no" : meant.size(), request.peer()));
        }
        List<Step> steps = there(guard).explain(who(meant.getFirst()), row(request.operation()),
                request.device());
        return new Reasons(steps.stream().allMatch(Step::passed), steps);
    }

    /** The row that is meant by a command's name, a name of the draft or a code. */
    private Operation<?, ?> row(String text) throws Refused {
        String wanted = text.toLowerCase(Locale.ROOT).replace('_', '-').replace('.', '-');
        for (OperationTable table : node.tables()) {
            for (Operation<?, ?> row : table.rows()) {
                if (table.commandName(row).replace('.', '-').equals(wanted) || row.code().toString()
                        .equalsIgnoreCase(text) || row.name().toLowerCase(Locale.ROOT).replace('_', '-')
                        .equals(wanted)) {
                    return row;
                }
            }
        }
        if (text.matches("0[xX][0-9a-fA-F]{1,4}")) {
            return Operation.unknown(new OpCode(Integer.parseInt(text.substring(2), 16)));
        }
        throw Refused.notFound("this node serves no operation \"%s\": myclerk ops lists them".formatted(
                text));
    }

    AuditEntries audit(AuditPage page) throws Refused {
        return new AuditEntries(there(audit).entries(page.before().orElse(Long.MAX_VALUE),
                page.limit().orElse(USUAL_ENTRIES), page.device()));
    }
}
