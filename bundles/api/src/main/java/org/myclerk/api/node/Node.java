package org.myclerk.api.node;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

import org.myclerk.api.client.Peer;
import org.myclerk.api.client.Peer.Subscription;
import org.myclerk.api.operation.OpCode;
import org.myclerk.api.operation.OperationTable;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.transport.Endpoint;
import org.myclerk.api.transport.Link;
import org.myclerk.api.transport.LinkHandler;
import org.osgi.annotation.versioning.ProviderType;

/** This node: who it is, whom it knows, what is open. Thread-safe. */
@ProviderType
public interface Node {

    /** Service property: where it listens, as {@code "tcp 127.0.0.1:5657"}, once it answers. */
    String LISTENING = "myclerk.listening";

    /** Service property: why it could not start, one line for people. */
    String FAILED = "myclerk.failed";

    /** 16 bytes. */
    Bytes id();

    String name();

    /** The folder with its keys and its state. */
    Path home();

    /** Where it listens, with real ports. */
    List<Endpoint> listening();

    /** The tables that are served now, in the order of their ranges. */
    List<OperationTable> tables();

    /** Whether a row of {@link #tables} is served, and not only declared. */
    default boolean isServed(OpCode code) {
        return tables().stream().anyMatch(table -> table.row(code) != null);
    }

    List<PeerState> peers();

    /**
     * The peer of that name or node id (hexadecimal, or its first 4 digits or more if unique). Waits for a
     * connection if none is open.
     *
     * @throws Refused NOT_FOUND if no peer or more than one is called so
     * @throws IOException if it cannot be reached now
     */
    Peer peer(String nameOrId) throws Refused, IOException, InterruptedException;

    /**
     * The peer of that name or node id, as {@link #peer} finds it, whether or not it can be reached.
     *
     * @throws Refused NOT_FOUND if no peer or more than one is called so
     */
    default PeerState known(String nameOrId) throws Refused {
        List<PeerState> all = peers();
        String digits = nameOrId.toLowerCase(Locale.ROOT);
        List<PeerState> found = all.stream().filter(peer -> peer.name().equalsIgnoreCase(nameOrId)).toList();
        if (found.isEmpty() && digits.matches("[0-9a-f]{4,32}")) {
            found = all.stream().filter(peer -> peer.id().toHex().startsWith(digits)).toList();
        }
        if (found.size() > 1) {
            List<PeerState> valid = found.stream().filter(peer -> !peer.revoked()).toList();
            found = valid.size() == 1 ? valid : found;
        }
        if (found.size() != 1) {
            throw Refused.notFound(found.isEmpty()
                    ? "no peer is called \"%s\"; \"myclerk peers\" lists them".formatted(nameOrId)
                    : "%d peers are called \"%s\"; use the node id".formatted(found.size(), nameOrId));
        }
        return found.getFirst();
    }

    /**
     * Where a peer may be reached, as discovery or the peer itself says; nothing is trusted because of it.
     */
    void heardOf(Bytes nodeId, Endpoint endpoint);

    /**
     * Marks the session that a request came over as one whose other end is a node that serves: from then on
     * it is the session over which this node calls that peer, if it has no other.
     */
    void serves(Bytes session);

    List<SessionState> sessions();

    /** Closes a session (SESSION_CLOSE); NOT_FOUND if none has that uid. */
    void close(Bytes session, String reason) throws Refused;

    /** Asks for new keys (SESSION_ROTATE) and waits until they are in use. */
    void rotate(Bytes session) throws Refused, IOException, InterruptedException;

    /** Ends a session and its tickets (SESSION_REVOKE). */
    void revoke(Bytes session) throws Refused;

    /** Takes a link of any kind as if it had connected from outside, for transports made of operations. */
    LinkHandler accept(Link link);

    /** Runs a task whenever a session to a peer that serves has opened. It must not block. */
    Subscription onPeer(Consumer<Peer> task);
}
