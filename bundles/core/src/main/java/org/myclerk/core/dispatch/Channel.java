package org.myclerk.core.dispatch;

import org.myclerk.api.client.Peer;
import org.myclerk.api.payload.Bytes;
import org.myclerk.core.session.Identity;
import org.myclerk.core.session.Outgoing;

/** What calls and answers need of the session they belong to. Thread-safe. */
interface Channel {

    Identity identity();

    /** 16 bytes. */
    Bytes uid();

    /** Queues a message, waiting for room unless on the session's loop. @return false if the session has ended */
    boolean put(Outgoing message) throws InterruptedException;

    /** Queues a message if there is room. */
    boolean offer(Outgoing message);

    /** Queues an answer, whatever the queue holds. */
    boolean answer(Outgoing message);

    /** The largest payload one message can have, in bytes. */
    int largestPayload();

    Peer peer();

    /** Runs a task once when the session ends, at once if it has. */
    void onEnd(Runnable task);
}
