package org.myclerk.op.client.internal;

import java.time.InstantSource;
import java.util.Optional;

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

/** Registers nodes with the family, and remembers where they say they are (§6.2.5, profile §10). */
@Component
@OperationRange(first = 0x0250, last = 0x025F)
public final class ClientHandler implements OperationHandler {

    private static final int LONGEST_ENDPOINT = 255;

    private final Node node;
    private final Family family;
    private final Heartbeats heartbeats;
    private final Clients clients;

    @Activate
    public ClientHandler(@Reference Node node, @Reference Family family, @Reference Store store) {
        this(node, family, store, InstantSource.system());
    }

    ClientHandler(Node node, Family family, Store store, InstantSource clock) {
        this.node = node;
        this.family = family;
        this.heartbeats = new Heartbeats(store, clock);
        this.clients = new Clients(node, heartbeats);
    }

    /** Puts what was heard and not written yet into the store. */
    @Deactivate
    void stop() {
        heartbeats.write();
    }

    @Override
    public Bindings bindings() {
        return ClientOperations.TABLE.bind()
                .to(ClientOperations.CLIENT_REGISTER, (caller, request) -> family.enrol(caller, request.name()))
                .to(ClientOperations.CLIENT_HEARTBEAT, this::heartbeat)
                .unserved(ClientOperations.CLIENT_ASSIGN)
                .unserved(ClientOperations.CLIENT_REVOKE)
                .to(ClientOperations.CLIENT_STATUS, (caller, query) -> clients.status(query.client().isPresent()
                        ? clients.named(query.client().get()) : clients.of(caller)))
                .to(ClientOperations.CLIENT_LIST, (_, page) -> clients.page(page.after()))
                .to(ClientOperations.CLIENT_INFO, (_, client) -> clients.info(clients.named(client.client())))
                .unserved(ClientOperations.DEVICE_REQUEST_CREATE)
                .unserved(ClientOperations.DEVICE_REQUEST_LIST)
                .unserved(ClientOperations.DEVICE_REQUEST_DETAILS)
                .unserved(ClientOperations.DEVICE_REQUEST_RESPOND)
                .unserved(ClientOperations.DEVICE_REQUEST_CANCEL)
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
