package org.myclerk.api.transport;

import java.io.IOException;

import org.osgi.annotation.versioning.ProviderType;

/** Receives what happens on a link, on the link's loop. It never blocks. */
@ProviderType
public interface LinkHandler {

    /** One frame. The bytes are the transport's and change after the return. */
    void received(byte[] buffer, int offset, int length);

    /** Everything read so far was handed over: the time to send what has gathered, and flush. */
    void drained();

    /** The link is no longer congested. */
    void writable();

    /**
     * What carries the link is going soon: the time to finish what is under way, and to close it in order.
     */
    default void leaving() {
        // A link of a transport of its own lasts until that closes it.
    }

    /**
     * The link has ended; nothing follows.
     *
     * @param cause {@code null} if either side closed it in order
     */
    void closed(IOException cause);
}
