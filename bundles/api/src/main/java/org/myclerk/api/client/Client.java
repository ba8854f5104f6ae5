package org.myclerk.api.client;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.ServiceLoader;

import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.transport.Endpoint;
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
     * Uses the identity in a home made by {@code myclerk join}, or of a node that is not running.
     *
     * @throws IOException if the home has no identity or it cannot be read, with a sentence for people
     */
    static Client open(Path home) throws IOException {
        return ServiceLoader.load(Provider.class, Provider.class.getClassLoader()).findFirst()
                .orElseThrow(() -> new IOException("org.myclerk.core is not on the class path")).open(home);
    }

    /** Opens a session and waits for it. It resumes or reconnects by itself until it is closed. */
    Peer connect(Endpoint endpoint, Wish wish) throws IOException, InterruptedException;

    /** Closes all its sessions. */
    @Override
    void close();

    /** Found through {@link ServiceLoader}; core provides it. */
    interface Provider {

        Client open(Path home) throws IOException;
    }
}
