package org.myclerk.op.client.internal;

import java.time.InstantSource;
import java.util.Optional;

import org.myclerk.api.device.Devices;
import org.myclerk.api.guard.Audit;
import org.myclerk.api.guard.Rights;
import org.myclerk.api.node.Family;
import org.myclerk.api.node.Node;
import org.myclerk.api.operation.Bindings;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.OperationHandler;
import org.myclerk.api.operation.OperationRange;
import org.myclerk.api.payload.Done;
import org.myclerk.api.store.Store;
import org.myclerk.api.transport.Endpoint;
import org.myclerk.op.client.ClientOperations;
import org.myclerk.op.client.Contact;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * Registers nodes with the family, keeps in touch with them, and serves requests for devices (§6.2.5, profile
 * §10). It keeps in memory what is in the store, so one version at a time can run.
 */
@Component
@OperationRange(name = "client", first = 0x0250, last = 0x025F, alone = true)
public final class ClientHandler implements OperationHandler {

    private static final int LONGEST_ENDPOINT = 255;

    private final Node node;
    private final Family family;
    private final Heartbeats heartbeats;
    private final Clients clients;
    private final Assignments assignments;
    private final Requests requests;

    @Activate
    public ClientHandler(@Reference Node node, @Reference Family family, @Reference Devices devices,
            @Reference Rights rights, @Reference Audit audit, @Reference Store store) {
        this(node, family, devices, rights, audit, store, InstantSource.system());
    }

    ClientHandler(Node node, Family family, Devices devices, Rights rights, Audit audit, Store store,
            InstantSource clock) {
        this.node = node;
        this.family = family;
        this.heartbeats = new Heartbeats(store, clock);
        this.assignments = new Assignments(rights, store);
        this.clients = new Clients(node, heartbeats, assignments);
        this.requests = new Requests(devices, rights, audit, store, clock);
    }

    /** Puts what was heard and not written yet into the store. */
    @Deactivate
    void stop() {
        requests.stop();
        assignments.stop();
        heartbeats.write();
    }

    @Override
    public Bindings bindings() {
        return ClientOperations.TABLE.bind()
                .to(ClientOperations.CLIENT_REGISTER, (caller, request) -> family.enrol(caller,
                request.name()))
                .to(ClientOperations.CLIENT_HEARTBEAT, this::heartbeat)
                .to(ClientOperations.CLIENT_ASSIGN, (caller, wanted) -> {
                    assignments.assign(caller, node.known(wanted.client()), wanted);
                    return Done.DONE;
                })
                .to(ClientOperations.CLIENT_REVOKE, (caller, unwanted) -> {
                    assignments.revoke(caller, node.known(unwanted.client()), unwanted.device());
                    return Done.DONE;
                })
                .to(ClientOperations.CLIENT_STATUS, (_, ref) -> clients.status(node.known(ref.client())))
                .to(ClientOperations.CLIENT_LIST, (_, page) -> clients.page(page.after()))
                .to(ClientOperations.CLIENT_INFO, (_, ref) -> clients.info(node.known(ref.client())))
                .to(ClientOperations.DEVICE_REQUEST_CREATE, requests::create)
                .following(ClientOperations.DEVICE_REQUEST_LIST, requests::list)
                .following(ClientOperations.DEVICE_REQUEST_DETAILS,
                        (caller, ref, answers) -> requests.details(caller, ref.token(), answers))
                .to(ClientOperations.DEVICE_REQUEST_RESPOND, requests::decide)
                .to(ClientOperations.DEVICE_REQUEST_CANCEL, (caller, ref) -> requests.cancel(caller,
                ref.token()))
                .done();
    }

    private Done heartbeat(Caller caller, Contact contact) {
        node.serves(caller.session());
        heartbeats.heard(caller.nodeId());
        for (String text : contact.endpoints()) {
            endpoint(text).ifPresent(endpoint -> node.heardOf(caller.nodeId(), endpoint));
        }
        return Done.DONE;
    }

    /** Empty for what is no endpoint that one could connect to: a newer node may know other kinds. */
    private static Optional<Endpoint> endpoint(String text) {
        if (text.length() > LONGEST_ENDPOINT) {
            return Optional.empty();
        }
        try {
            return Optional.of(Endpoint.parse(text)).filter(endpoint -> endpoint.port() != 0);
        } catch (IllegalArgumentException unreadable) {
            return Optional.empty();
        }
    }
}
