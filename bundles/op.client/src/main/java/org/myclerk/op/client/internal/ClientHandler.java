package org.myclerk.op.client.internal;

import java.util.Optional;

import org.myclerk.api.node.Family;
import org.myclerk.api.node.Node;
import org.myclerk.api.operation.Bindings;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.OperationHandler;
import org.myclerk.api.operation.OperationRange;
import org.myclerk.api.payload.Done;
import org.myclerk.api.transport.Endpoint;
import org.myclerk.op.client.ClientOperations;
import org.myclerk.op.client.Contact;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Registers nodes with the family, and remembers where they say they are (§6.2.5, profile §10). */
@Component
@OperationRange(first = 0x0250, last = 0x025F)
public final class ClientHandler implements OperationHandler {

    private static final int LONGEST_ENDPOINT = 255;

    private final Node node;
    private final Family family;

    @Activate
    public ClientHandler(@Reference Node node, @Reference Family family) {
        this.node = node;
        this.family = family;
    }

    @Override
    public Bindings bindings() {
        return ClientOperations.TABLE.bind()
                .to(ClientOperations.CLIENT_REGISTER, (caller, request) -> family.enrol(caller, request.name()))
                .to(ClientOperations.CLIENT_HEARTBEAT, this::heartbeat)
                .unserved(ClientOperations.CLIENT_ASSIGN)
                .unserved(ClientOperations.CLIENT_REVOKE)
                .unserved(ClientOperations.CLIENT_STATUS)
                .unserved(ClientOperations.CLIENT_LIST)
                .unserved(ClientOperations.CLIENT_INFO)
                .unserved(ClientOperations.DEVICE_REQUEST_CREATE)
                .unserved(ClientOperations.DEVICE_REQUEST_LIST)
                .unserved(ClientOperations.DEVICE_REQUEST_DETAILS)
                .unserved(ClientOperations.DEVICE_REQUEST_RESPOND)
                .unserved(ClientOperations.DEVICE_REQUEST_CANCEL)
                .done();
    }

    private Done heartbeat(Caller caller, Contact contact) {
        node.serves(caller.session());
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
