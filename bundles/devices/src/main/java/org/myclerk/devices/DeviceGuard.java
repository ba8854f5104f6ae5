package org.myclerk.devices;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import org.myclerk.api.client.Peer.Subscription;
import org.myclerk.api.guard.AccessMode;
import org.myclerk.api.guard.Grant;
import org.myclerk.api.guard.Guard;
import org.myclerk.api.guard.Person;
import org.myclerk.api.guard.Step;
import org.myclerk.api.guard.Who;
import org.myclerk.api.node.Roles;
import org.myclerk.api.operation.Access;
import org.myclerk.api.operation.Audience;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.operation.Tier;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * The guard of a node: role, sharing, mode, time and lease, in this order (profile §16); the tier was checked
 * before. It answers from memory, takes no lock to let a call through, and counts what it let through and
 * refused.
 */
@Component
public final class DeviceGuard implements Guard {

    private final RightsBook rights;
    private final DeviceRegistry devices;
    private final AuditLog audit;

    @Activate
    public DeviceGuard(@Reference RightsBook rights, @Reference DeviceRegistry devices,
            @Reference AuditLog audit) {
        this.rights = rights;
        this.devices = devices;
        this.audit = audit;
    }

    @Override
    public void operation(Caller caller, Operation<?, ?> operation) throws Refused {
        String refusal = role(Who.of(caller), operation.audience());
        if (refusal != null) {
            audit.refused(caller.name(), Optional.empty(), operation.name() + ": role");
            throw Refused.forbidden(refusal);
        }
    }

    /** Why the audience of an operation does not include a node, or {@code null} if it does. */
    private String role(Who who, Audience audience) {
        if (audience == Audience.OWNERS) {
            return who.roles().contains(Roles.OWNER) ? null
                    : "only an operator of this node's own home may do this";
        }
        if (who.roles().contains(Roles.ADMIN)) {
            return null;
        }
        if (who.roles().contains(Roles.JOINING)) {
            return audience == Audience.JOINING ? null : "a joining node may only register";
        }
        if (who.node().isEmpty()) {
            return "nobody is known to have sent this";
        }
        return switch (audience) {
            case JOINING, FAMILY -> null;
            case SHARERS -> who.roles().contains(Roles.HUB) || rights.snapshot()
                    .anythingFor(who, rights.seconds()) ? null
                    : "no device of this node is shared with you now: an administrator of it can, with "
                    + "myclerk share";
            case HUBS -> who.roles().contains(Roles.HUB) ? null : "needs the role hub or admin";
            case ADMINISTRATORS -> "needs the role admin on this node";
            case OWNERS -> throw new IllegalStateException();
        };
    }

    @Override
    public void device(Caller caller, Operation<?, ?> operation, String device) throws Refused {
        if (!administers(operation)) {
            Who who = Who.of(caller);
            AccessMode mode = rights.mode(who, device);
            if (!mode.covers(operation.access())) {
                throw refusal(caller, who, operation, device, mode);
            }
            if (caller.tier().compareTo(Tier.T3) < 0 && devices.physicalAccess(device)) {
                audit.refused(caller.name(), Optional.of(device), operation.name() + ": tier");
                throw Refused.tierTooLow(Tier.T3);
            }
            if (operation.access() != Access.NONE) {
                try {
                    devices.refuseIfHeld(caller, device);
                } catch (Refused held) {
                    audit.refused(caller.name(), Optional.of(device), operation.name() + ": lease");
                    throw held;
                }
            }
        }
        audit.used(caller.nodeId(), caller.name(), device);
    }

    /**
     * Whether it is about a device without using it: what is shared with a hub or an administrator does not
     * matter.
     */
    private static boolean administers(Operation<?, ?> operation) {
        return operation.access() == Access.NONE && operation.audience().compareTo(Audience.HUBS) >= 0;
    }

    private Refused refusal(Caller caller, Who who, Operation<?, ?> operation, String device,
            AccessMode mode) {
        Optional<Grant> later = mode == AccessMode.NONE ? outOfTime(who, device) : Optional.empty();
        String rule = mode != AccessMode.NONE ? "mode" : later.isPresent() ? "time" : "sharing";
        audit.refused(caller.name(), Optional.of(device.length() > 128 ? device.substring(0, 128) : device),
                operation.name() + ": " + rule);
        if (mode != AccessMode.NONE) {
            return Refused.forbidden(mode(device, mode, operation.access()));
        }
        return later.map(grant -> Refused.forbidden(time(device, grant)))
                .orElseGet(() -> Inventory.unknown(device));
    }

    private static String mode(String device, AccessMode mode, Access access) {
        return "%s is shared with you to %s, and this %s it: ask an administrator to share it so".formatted(
                device, mode.words(), access == Access.WRITE ? "changes" : "reads");
    }

    private String time(String device, Grant grant) {
        return "%s is shared with you only at its time, in %s: %s".formatted(device, rights.zone(),
                rights.words(grant));
    }

    /** The first grant to a node that is not in force now. */
    private Optional<Grant> outOfTime(Who who, String device) {
        long now = rights.now();
        Snapshot snapshot = rights.snapshot();
        return snapshot.on(device).stream()
                .filter(rule -> snapshot.concerns(rule, who) && !rule.inForce(now)
                        && rule.grant().mode() != AccessMode.NONE).map(Rule::grant).findFirst();
    }

    @Override
    public Subscription onNarrowed(Runnable task) {
        Subscription byRights = rights.onNarrowed(task);
        Subscription byLeases = devices.onNarrowed(task);
        return () -> {
            byRights.close();
            byLeases.close();
        };
    }

    @Override
    public List<Step> explain(Who who, Operation<?, ?> operation, Optional<String> device) {
        List<Step> steps = new ArrayList<>();
        steps.add(tier(operation, device.filter(devices::physicalAccess)));
        String role = role(who, operation.audience());
        steps.add(new Step("role", role == null, role != null ? role
                : "%s is for %s, and its roles are %s".formatted(operation.name(),
                words(operation.audience()),
                        String.join(", ", who.roles()))));
        // To whom nothing is open now, the device's rights tell when it is.
        boolean atOtherTimes = operation.audience() == Audience.SHARERS
                && device.flatMap(id -> outOfTime(who, id)).isPresent();
        if (device.isEmpty() || role != null && !atOtherTimes) {
            return steps;
        }
        if (administers(operation)) {
            steps.add(new Step("sharing", true, "not asked: it administers the device and does not use it"));
            return steps;
        }
        explain(who, operation.access(), device.get(), steps);
        return steps;
    }

    private static Step tier(Operation<?, ?> operation, Optional<String> givesPhysicalAccess) {
        boolean raised = givesPhysicalAccess.isPresent() && operation.floor().compareTo(Tier.T3) < 0;
        return new Step("tier", true,
                "%s needs %s or higher%s; sessions have that".formatted(operation.name(),
                raised ? Tier.T3 : operation.floor(), raised
                        ? ", because %s gives physical access".formatted(givesPhysicalAccess.get()) : ""));
    }

    private void explain(Who who, Access access, String device, List<Step> steps) {
        if (devices.device(device).isEmpty()) {
            steps.add(new Step("device", false, "no device \"%s\" is plugged in here".formatted(device)));
            return;
        }
        long now = rights.now();
        Snapshot snapshot = rights.snapshot();
        Optional<Person> owner = rights.personOf(who.node());
        owner.ifPresent(person -> steps.add(new Step("person", true,
                "it belongs to %s, %s".formatted(person.name(),
                person.kind().name().toLowerCase(Locale.ROOT)))));
        AccessMode mode = rights.mode(who, device);
        if (who.roles().contains(Roles.ADMIN)) {
            steps.add(new Step("sharing", true, "an administrator may use every device"));
        } else {
            List<Rule> rules = snapshot.on(device).stream().filter(rule -> snapshot.concerns(rule, who))
                    .toList();
            if (rules.isEmpty()) {
                steps.add(new Step("sharing", false,
                        "%s is shared with %s: myclerk share can change that".formatted(
                        device, snapshot.shared(device) ? "others, not with it" : "nobody")));
                return;
            }
            for (Rule rule : rules) {
                boolean inForce = rule.inForce(now);
                steps.add(new Step(inForce ? "sharing" : "time", inForce || mode != AccessMode.NONE,
                        "%s: %s%s".formatted(rule.grant().to(), rights.words(rule.grant()),
                                inForce ? "" : " (not now: it is %s)".formatted(rights.moment(now)))));
            }
            boolean covers = mode.covers(access);
            steps.add(new Step("mode", covers, mode == AccessMode.NONE ? "none of these lets it now"
                    : "it may %s now, and this %s".formatted(mode.words(), switch (access) {
                        case NONE -> "only needs to see it";
                        case READ -> "reads it";
                        case WRITE -> "changes it";
                    })));
            if (!covers) {
                return;
            }
        }
        Optional<String> holder = access == Access.NONE ? Optional.empty()
                : devices.heldByAnother(who.node(), device);
        steps.add(new Step("lease", holder.isEmpty(), holder.map(name -> "it is held by " + name)
                .orElse("no other node holds it alone")));
    }

    private static String words(Audience audience) {
        return switch (audience) {
            case JOINING -> "everybody in the family and who joins it";
            case FAMILY -> "every node of the family";
            case SHARERS -> "nodes with which a device is shared";
            case HUBS -> "hubs and administrators";
            case ADMINISTRATORS -> "administrators";
            case OWNERS -> "operators of this node's own home";
        };
    }
}
