package org.myclerk.api.transport;

import java.io.IOException;
import java.util.function.Consumer;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Moves opaque frames. An implementation owns its threads, frames the bytes as profile §17 says, and knows
 * nothing of keys.
 */
@ConsumerType
public interface Transport {

    /** The scheme of its endpoints, such as {@code tcp}. */
    String scheme();

    /** Whether frames arrive exactly once and in order, or the link ends. */
    boolean ordered();

    /** The largest frame it carries, in bytes. */
    int largestFrame();

    /**
     * Listens until the listener is closed.
     *
     * @throws IOException if it cannot, with a sentence for people
     */
    Listener listen(Endpoint endpoint, LinkAcceptor acceptor) throws IOException;

    /**
     * Connects without waiting. The acceptor is asked once the link is up, on the link's loop; if that fails,
     * {@code failed} is called.
     */
    void connect(Endpoint endpoint, LinkAcceptor acceptor, Consumer<IOException> failed);

    /** Something that listens. */
    interface Listener extends AutoCloseable {

        /** Where it listens, with the real port. */
        Endpoint endpoint();

        /** Stops accepting; links that are up stay up. */
        @Override
        void close();
    }
}
