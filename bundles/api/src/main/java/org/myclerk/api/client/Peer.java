package org.myclerk.api.client;

import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Bytes;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A node at the other end of an encrypted session, and the way to call it. The session behind it may be
 * replaced by resumption or reconnection without the object changing.
 *
 * <p>Thread-safe; the methods that wait are meant for virtual threads.
 */
@ProviderType
public interface Peer {

    /** The 16-byte node id that the peer's certificate proves. */
    Bytes nodeId();

    /** The name in the peer's certificate, or its node id in hexadecimal. */
    String name();

    /** The roles in the peer's certificate. */
    Set<String> roles();

    /** The tier that the session was granted: the highest a message may have. */
    Tier tier();

    /** The 16-byte uid of the session in use. */
    Bytes session();

    /** Whether a session is open now. */
    boolean connected();

    /** Calls with the usual {@link CallOptions}. */
    default <Q, A> A call(Operation<Q, A> operation, Q request)
            throws Refused, IOException, InterruptedException {
        return call(operation, request, CallOptions.USUAL);
    }

    /**
     * Sends a request and waits for its answer.
     *
     * @throws Refused if the peer answered with an error code
     * @throws IOException if the session ended before the answer came: it is unknown whether the peer acted;
     *     or if no answer came in time
     */
    <Q, A> A call(Operation<Q, A> operation, Q request, CallOptions options)
            throws Refused, IOException, InterruptedException;

    /**
     * Sends a request and does not wait: {@code then} gets the answer, or {@code null} and what went wrong, a
     * {@link Refused} or an {@link IOException} as of {@link #call(Operation, Object, CallOptions)}. It is
     * called once, on whatever thread brings the answer, and must not block. What it sends in turn leaves
     * together with everything else that the same read of the network has caused, so this is the way to keep
     * many requests under way.
     *
     * <p>Too many requests without an answer (256 on one session) are something that goes wrong too.
     */
    default <Q, A> void call(Operation<Q, A> operation, Q request, CallOptions options,
            BiConsumer<A, Exception> then) {
        Thread.ofVirtual().name(operation.name()).start(() -> {
            A answer;
            try {
                answer = call(operation, request, options);
            } catch (Refused | IOException failed) {
                then.accept(null, failed);
                return;
            } catch (InterruptedException stopped) {
                then.accept(null, new IOException("the call was interrupted", stopped));
                return;
            }
            then.accept(answer, null);
        });
    }

    /**
     * Sends a request whose answers go on. The peer may be ahead by {@code credit} answers; more is granted
     * as they are taken.
     *
     * @param credit 1 or more
     */
    <Q, A> Followed<A> follow(Operation<Q, A> operation, Q request, int credit, CallOptions options)
            throws IOException, InterruptedException;

    /** Sends a message nobody answers, waiting for room in the session's queue. */
    <Q> void send(Operation<Q, ?> operation, Q message, CallOptions options)
            throws IOException, InterruptedException;

    /**
     * Hands every event of that operation to the consumer, in order, on one virtual thread; a slow consumer
     * slows the session.
     *
     * @return ends it
     */
    <E> Subscription onEvent(Operation<?, E> operation, Consumer<Event<E>> consumer);

    /** Runs a task once when the session ends; at once if it has. It must not block. */
    void onEnd(Runnable task);

    /** Closes the session (SESSION_CLOSE), telling the peer why. */
    void close(String reason);

    /**
     * An event.
     *
     * @param watch rid of the request that caused it, 0 if none did
     */
    record Event<E>(E value, long watch) {
    }

    /** Ends what it stands for; ending twice is harmless. */
    interface Subscription extends AutoCloseable {

        @Override
        void close();
    }

    /**
     * How to send.
     *
     * @param tier of the frame; {@code null} for the larger of 3 and the operation's floor
     * @param timeout how long to wait for the answer
     */
    record CallOptions(Tier tier, Duration timeout) {

        public static final CallOptions USUAL = new CallOptions(null, Duration.ofSeconds(30));
    }
}
