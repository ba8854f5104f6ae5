package org.myclerk.api.transport;

import java.net.InetAddress;
import java.time.Duration;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * One connection, or one peer of a connectionless transport. It is confined to one loop: except for
 * {@link #execute} and {@link #schedule} every method is called there, and so is its {@link LinkHandler}.
 */
@ConsumerType
public interface Link {

    /**
     * The peer's network address, for limits per address; the loopback address where a transport has none.
     */
    InetAddress address();

    /** The peer's endpoint, for people and logs. */
    Endpoint remote();

    /**
     * Frames longer than this end the link as soon as their length is read (profile §17: 2048 until OPEN).
     */
    void receiveLimit(int bytes);

    /** Queues a copy of a frame; nothing is written before {@link #flush}. */
    void send(byte[] frame, int offset, int length);

    /** Writes what is queued, in one system call if the peer's window allows. */
    void flush();

    /**
     * Whether more is queued than is sensible (64 KiB or so). The sender then waits for
     * {@link LinkHandler#writable}.
     */
    boolean congested();

    /** Stops or goes on reading; a reader that cannot keep up slows its sender. */
    void reading(boolean on);

    /** Writes what is queued, then ends the link. {@link LinkHandler#closed} follows. */
    void close();

    /**
     * The time, in nanoseconds as {@link System#nanoTime} counts: that of the loop's turn, which looks at the
     * clock once, when it is first asked. What happens in one turn happens at one time.
     */
    default long now() {
        return System.nanoTime();
    }

    /**
     * Runs a task on the link's loop, then {@link LinkHandler#drained}. Any thread; dropped when the link is
     * closed.
     */
    void execute(Runnable task);

    /** Runs a task on the link's loop after a while. Any thread; dropped when the link is closed. */
    Timer schedule(Duration delay, Runnable task);

    /** A scheduled task. */
    interface Timer {

        /** Any thread; harmless if it ran. */
        void cancel();
    }
}
