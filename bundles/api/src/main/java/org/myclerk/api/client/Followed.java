package org.myclerk.api.client;

import java.io.IOException;

import org.myclerk.api.operation.ProtocolException.Refused;
import org.osgi.annotation.versioning.ProviderType;

/** The answers of a followed call, as they come. Meant for one reader. */
@ProviderType
public interface Followed<A> extends AutoCloseable {

    /** The request's id; events it causes carry it as {@code watch}. */
    long rid();

    /**
     * Waits for the next answer.
     *
     * @return {@code null} after the last one
     * @throws Refused if the peer ended the call with an error code
     * @throws IOException if the session ended
     */
    A next() throws Refused, IOException, InterruptedException;

    /** Whether the answer that {@link #next} gave last was the call's final one. */
    boolean last();

    /** Ends the call: no more credit. What is on its way is dropped. */
    @Override
    void close();
}
