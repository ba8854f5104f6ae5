package org.myclerk.api.client;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;

import org.myclerk.api.node.Family;
import org.myclerk.api.node.PeerState;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.transport.Endpoint;
import org.myclerk.api.transport.Transport;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Calls nodes from a program that is no node: core and a transport as plain jars, no framework.
 *
 * <pre>{@code
 * try (Client client = Client.open(Path.of("/home/ada/.myclerk-operator"))) {
 *     Peer pi = client.connect(Endpoint.parse("kitchen-pi:5657"), Wish.USUAL);
 *     PortList ports = pi.call(SERIAL_PORT_LIST, None.NONE);
 * }
 * }</pre>
 */
@ProviderType
public interface Client extends AutoCloseable {

    /**
     * What is wanted of a session.
     *
     * @param node the node that must answer; empty for any that is trusted
     * @param tier asked for
     * @param least the session is not opened below
     */
    record Wish(Optional<Bytes> node, Tier tier, Tier least) {

        public static final Wish USUAL = new Wish(Optional.empty(), Tier.T5, Tier.T3);
    }

    /**
     * Uses the identities in a home made by {@code myclerk up} or {@code myclerk join}.
     *
     * @throws IOException if the home has no identity or it cannot be read, with a sentence for people
     */
    static Client open(Path home) throws IOException {
        return ServiceLoader.load(Provider.class, Provider.class.getClassLoader()).findFirst()
                .orElseThrow(() -> new IOException("org.myclerk.core is not on the class path")).open(home);
    }

    /** Whether the node of this home runs. */
    boolean running();

    /**
     * The node of this home, reached as its operator.
     *
     * @throws IOException if it does not run or does not answer, with a sentence for people
     */
    Peer own() throws IOException, InterruptedException;

    /**
     * The peers that the home knows, with their endpoints. Only for a home whose node does not run; a node
     * that runs is asked itself.
     */
    List<PeerState> knownPeers() throws IOException;

    /**
     * Opens a session with the identity of the home's node, and waits for it.
     *
     * @param transport what carries it
     * @throws IOException if the peer cannot be reached or is not the one wanted, with a sentence for people
     */
    Peer connect(Transport transport, Endpoint endpoint, Wish wish) throws IOException, InterruptedException;

    /** Opens a session through the transport of the endpoint's scheme found on the class path. */
    Peer connect(Endpoint endpoint, Wish wish) throws IOException, InterruptedException;

    /**
     * Joins a family with an invitation, for a home whose node does not run; makes the home if there is none.
     * Refused if its family has another member.
     */
    static Family.State join(Path home, String invitation, Optional<String> name)
            throws Refused, IOException, InterruptedException {
        return ServiceLoader.load(Provider.class, Provider.class.getClassLoader()).findFirst()
                .orElseThrow(() -> new IOException("org.myclerk.core is not on the class path"))
                .join(home, invitation, name);
    }

    /** Closes all its sessions. */
    @Override
    void close();

    /** Found through {@link ServiceLoader}; core provides it. */
    interface Provider {

        Client open(Path home) throws IOException;

        Family.State join(Path home, String invitation, Optional<String> name)
                throws Refused, IOException, InterruptedException;
    }
}
