package org.myclerk.op.routing.internal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.myclerk.api.device.Devices;
import org.myclerk.api.guard.Audit;
import org.myclerk.api.guard.Grant;
import org.myclerk.api.guard.Rights;
import org.myclerk.api.guard.Subject;
import org.myclerk.api.node.Node;
import org.myclerk.api.node.PeerState;
import org.myclerk.api.node.SessionListener;
import org.myclerk.api.node.SessionState;
import org.myclerk.api.operation.Bindings;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.OperationHandler;
import org.myclerk.api.operation.OperationRange;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Done;
import org.myclerk.api.store.Store;
import org.myclerk.op.routing.Acl;
import org.myclerk.op.routing.AclEntry;
import org.myclerk.op.routing.AclGrant;
import org.myclerk.op.routing.AclList;
import org.myclerk.op.routing.AclRevocation;
import org.myclerk.op.routing.AclSubject;
import org.myclerk.op.routing.NewRoute;
import org.myclerk.op.routing.Route;
import org.myclerk.op.routing.RouteList;
import org.myclerk.op.routing.RouteQuery;
import org.myclerk.op.routing.RoutingOperations;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * Serves the routes and the access control of this node's devices (§6.2.4). It reserves devices, so one
 * version at a time can run.
 */
@Component(service = {OperationHandler.class, SessionListener.class},
        configurationPid = "org.myclerk.op.routing")
@OperationRange(name = "routing", first = 0x0240, last = 0x024F, alone = true)
public final class RoutingHandler implements OperationHandler, SessionListener {

    /** Configuration of routing. */
    public @interface Config {

        /**
         * How long a client whose session ended keeps a routed device, in seconds, so that it can resume.
         * Less than the grace of leases, or what it had open is closed before it moves on.
         */
        int patienceSeconds() default 5;
    }

    private final Node node;
    private final Devices devices;
    private final Rights rights;
    private final Router router;

    @Activate
    public RoutingHandler(@Reference Node node, @Reference Devices devices, @Reference Rights rights,
            @Reference Audit audit, @Reference Store store, Config config) {
        this(node, devices, rights, audit, store, Duration.ofSeconds(Math.max(0, config.patienceSeconds())));
    }

    RoutingHandler(Node node, Devices devices, Rights rights, Audit audit, Store store, Duration patience) {
        this.node = node;
        this.devices = devices;
        this.rights = rights;
        this.router = new Router(node, devices, rights, audit, store, patience);
    }

    @Deactivate
    void stop() throws InterruptedException {
        router.stop();
    }

    @Override
    public void opened(SessionState session, Bytes resumedFrom) {
        router.opened(session);
    }

    @Override
    public void ended(SessionState session) {
        router.ended(session);
    }

    @Override
    public Bindings bindings() {
        return RoutingOperations.TABLE.bind()
                .to(RoutingOperations.ROUTE_CREATE, (caller, wanted) -> router.create(caller, wanted.device(),
                        client(wanted.client()), wanted.priority().orElse(NewRoute.USUAL_PRIORITY)))
                .to(RoutingOperations.ROUTE_DELETE, (caller, ref) -> {
                    router.delete(caller, ref.device(), node.known(ref.client()));
                    return Done.DONE;
                })
                .to(RoutingOperations.ROUTE_LIST, this::list)
                .to(RoutingOperations.ROUTE_MODIFY, (caller, change) -> router.turn(caller, change.device(),
                        node.known(change.client()), client(change.to())))
                .to(RoutingOperations.ACL_SET, this::set)
                .to(RoutingOperations.ACL_GET, (_, ref) -> acl(ref.device()))
                .to(RoutingOperations.ACL_GRANT, this::grant)
                .to(RoutingOperations.ACL_REVOKE, this::revoke)
                .to(RoutingOperations.ROUTE_PRIORITY, (caller, wanted) -> router.prioritise(caller,
                wanted.device(),
                        node.known(wanted.client()), wanted.priority()))
                .done();
    }

    /** The client that a device is to be routed to; this node, which has it, is none. */
    private PeerState client(String named) throws Refused {
        boolean self = named.equalsIgnoreCase(node.name()) || named.equalsIgnoreCase(node.id().toHex());
        if (self && node.peers().stream().noneMatch(peer -> peer.name().equalsIgnoreCase(named))) {
            throw Refused.badRequest("the device is plugged in at %s itself: route it to another client"
                    .formatted(node.name()));
        }
        return node.known(named);
    }

    private RouteList list(Caller caller, RouteQuery query) throws Refused, InterruptedException {
        List<Route> rest = router.list(caller).stream()
                .filter(route -> query.device().isEmpty() || route.device().equals(query.device().get()))
                .filter(route -> route.number() > query.after().orElse(0L)).toList();
        List<Route> page = rest.subList(0, Math.min(RouteList.MOST, rest.size()));
        return new RouteList(page, rest.size() > page.size() ? Optional.of(page.getLast().number())
                : Optional.empty());
    }

    private Acl acl(String device) {
        return new Acl(rights.of(device));
    }

    private Acl set(Caller caller, AclList wanted) throws Refused {
        String device = existing(wanted.device());
        List<Rights.Change> changes = new ArrayList<>();
        rights.of(device).forEach(grant -> changes.add(new Rights.Change.Take(device, grant.to())));
        for (AclEntry entry : wanted.entries()) {
            changes.add(new Rights.Change.Give(grant(device, entry)));
        }
        rights.change(caller.name(), changes);
        return acl(device);
    }

    private Acl grant(Caller caller, AclGrant wanted) throws Refused {
        String device = existing(wanted.device());
        rights.change(caller.name(), List.of(new Rights.Change.Give(grant(device, wanted.entry()))));
        return acl(device);
    }

    private Acl revoke(Caller caller, AclRevocation unwanted) throws Refused {
        Subject from = subject(unwanted.from());
        if (rights.of(unwanted.device()).stream().noneMatch(grant -> grant.to().equals(from))) {
            throw Refused.notFound("%s is not shared with %s".formatted(unwanted.device(),
                    unwanted.from().name()));
        }
        rights.change(caller.name(), List.of(new Rights.Change.Take(unwanted.device(), from)));
        return acl(unwanted.device());
    }

    private Grant grant(String device, AclEntry entry) throws Refused {
        try {
            return new Grant(device, subject(entry.to()), entry.mode(), entry.when(), entry.from(),
                    entry.until());
        } catch (IllegalArgumentException wrong) {
            throw Refused.badRequest(wrong.getMessage());
        }
    }

    private Subject subject(AclSubject named) throws Refused {
        return switch (named.kind()) {
            case NODE -> Subject.node(node.known(named.name()).id());
            case PERSON -> Subject.person(named.name());
            case ROLE -> Subject.role(named.name());
        };
    }

    /** A device that is plugged in, or was once shared. */
    private String existing(String device) throws Refused {
        if (devices.find(device).isEmpty() && rights.of(device).isEmpty()) {
            throw Refused.notFound("no such device here: \"%s\"; list what is there, or plug it in".formatted(
                    device));
        }
        return device;
    }
}
