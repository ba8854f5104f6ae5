package org.myclerk.core.dispatch;

import org.myclerk.api.client.Peer;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Envelope;
import org.myclerk.api.payload.PayloadCodec;
import org.myclerk.core.session.Identity;
import org.myclerk.core.session.Outgoing;
import org.myclerk.core.session.Session;

/** What calls and answers need of the session they belong to. Thread-safe. */
interface Channel {

    Identity identity();

    /** 16 bytes. */
    Bytes uid();

    /**
     * Queues a message, waiting for room unless on the session's loop. @return false if the session has ended
     */
    boolean put(Outgoing message) throws InterruptedException;

    /** Queues a message if there is room. */
    boolean offer(Outgoing message);

    /** Queues an answer, whatever the queue holds. */
    boolean answer(Outgoing message);

    /**
     * Sends a message at once if this is the session's loop and nothing waits before it. It leaves with all
     * that this turn of the loop brings about.
     *
     * @return the bytes of its payload; if they are more than {@link #largestPayload} it was not sent, and if
     *     {@link Session#NOT_NOW} it has to be queued
     * @throws IllegalArgumentException if the value cannot be encoded
     */
    <T> int direct(Tier tier, int operation, boolean compressible, PayloadCodec<T> codec, Envelope envelope,
            T value);

    /** The largest payload one message can have, in bytes. */
    int largestPayload();

    Peer peer();

    /** Runs a task once when the session ends, at once if it has. */
    void onEnd(Runnable task);
}
