package org.myclerk.runtime.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;

/**
 * Carries bytes between a local end and a remote serial port, in order and both ways. Neither way holds more
 * than 64 KiB: who does not read slows the one who writes.
 *
 * <p>When the session breaks or the port goes away it opens the port again and goes on. What was sent and not
 * acknowledged then is told, never sent twice.
 */
final class SerialBridge {

    private static final int ROOM = 64 * 1024;
    private static final int CHUNK = 4096;
    private static final Duration FOREVER = Duration.ofNanos(Long.MAX_VALUE);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    /** How long what comes back is waited for after standard input ended. */
    private static final Duration LAST_WORDS = Duration.ofMillis(500);

    private final RemotePort remote;
    private final LocalEnd local;
    private final Consumer<String> say;
    private final ByteQueue outgoing = new ByteQueue(ROOM);
    private final ByteQueue incoming = new ByteQueue(ROOM);
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private volatile boolean stopped;

    /** What the main thread waits for. */
    private sealed interface Event {

        /** A connection cannot go on. */
        record Broken(RemotePort.Opened port, String why) implements Event {
        }

        /** Nothing more comes from the local end. */
        record LocalEnded() implements Event {
        }

        /** All that came from the local end is written. */
        record Written() implements Event {
        }

        /** Asked to stop, or nothing more goes to the local end. */
        record Stop() implements Event {
        }
    }

    /**
     * @param say tells the person something
     */
    SerialBridge(RemotePort remote, LocalEnd local, Consumer<String> say) {
        this.remote = remote;
        this.local = local;
        this.say = say;
    }

    /** Ends {@link #run} soon. Any thread. */
    void stop() {
        stopped = true;
        events.add(new Event.Stop());
    }

    /**
     * Carries on until the local end ends or {@link #stop} is called. What came from the port is at the local
     * end then, unless it was stopped.
     *
     * @param port opened already, so that the first opening fails before anything is set up here
     * @throws Failure if bytes from here were left over
     */
    void run(RemotePort.Opened port) throws Failure, InterruptedException {
        Thread.ofPlatform().daemon().name("serial-from-here").start(this::fromHere);
        Thread.ofPlatform().daemon().name("serial-to-here").start(this::toHere);
        RemotePort.Opened open = port;
        boolean ended = false;
        while (open != null) {
            Thread reader = Thread.ofVirtual().name("serial-read").start(reading(open));
            Thread writer = Thread.ofVirtual().name("serial-write").start(writing(open));
            Event event = next(open, FOREVER);
            if (event instanceof Event.LocalEnded) {
                ended = true;
                event = next(open, FOREVER);
            }
            if (event instanceof Event.Written) {
                next(open, LAST_WORDS);
            }
            reader.interrupt();
            writer.interrupt();
            open.close();
            if (event instanceof Event.Broken(_, String why)) {
                reader.join();
                writer.join();
                open = ended ? null : again(why);
            } else {
                open = null;
            }
        }
        incoming.end();
        outgoing.end();
        while (!stopped) {
            events.take();
        }
        if (outgoing.size() > 0) {
            throw new Failure("%d bytes from here were not sent".formatted(outgoing.size()));
        }
    }

    /**
     * The next event that concerns the connection, or {@code null} after the time.
     *
     * @param open {@code null} while there is none
     */
    private Event next(RemotePort.Opened open, Duration most) throws InterruptedException {
        long start = System.nanoTime();
        while (true) {
            Event event = events.poll(most.toNanos() - (System.nanoTime() - start), TimeUnit.NANOSECONDS);
            if (!(event instanceof Event.Broken(RemotePort.Opened which, _)) || which == open) {
                return event;
            }
        }
    }

    /** Opens the port again, waiting longer each time; {@code null} if it is to stop. */
    private RemotePort.Opened again(String why) throws InterruptedException {
        String reason = why;
        Duration pause = Duration.ofSeconds(1);
        while (true) {
            say.accept("%s; trying again in %d s".formatted(reason, pause.toSeconds()));
            Event event = next(null, pause);
            if (event instanceof Event.Stop || event instanceof Event.LocalEnded) {
                return null;
            }
            try {
                RemotePort.Opened opened = remote.open();
                say.accept("the port is open again");
                return opened;
            } catch (Failure | Refused | IOException failed) {
                reason = Main.message(failed);
            }
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2)
                    : LONGEST_PAUSE;
        }
    }

    private void fromHere() {
        byte[] buffer = new byte[CHUNK];
        try {
            for (int count = local.read(buffer); count >= 0; count = local.read(buffer)) {
                outgoing.put(buffer, count);
            }
        } catch (IOException failed) {
            say.accept(Main.message(failed));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        outgoing.end();
        events.add(new Event.LocalEnded());
    }

    private void toHere() {
        try {
            for (Bytes bytes = incoming.take(CHUNK); bytes != null; bytes = incoming.take(CHUNK)) {
                if (!local.write(bytes.toArray())) {
                    break;
                }
            }
        } catch (IOException failed) {
            say.accept(Main.message(failed));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        stop();
    }

    private Runnable reading(RemotePort.Opened port) {
        return () -> {
            try {
                for (Bytes bytes = port.read(); bytes != null; bytes = port.read()) {
                    incoming.put(bytes.toArray(), bytes.length());
                }
                events.add(new Event.Broken(port, "the peer ended the reading"));
            } catch (Refused | IOException failed) {
                events.add(new Event.Broken(port, Main.message(failed)));
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        };
    }

    private Runnable writing(RemotePort.Opened port) {
        return () -> {
            int onTheWay = 0;
            try {
                for (Bytes bytes = outgoing.take(port.largestWrite()); bytes != null;
                        bytes = outgoing.take(port.largestWrite())) {
                    onTheWay = bytes.length();
                    port.write(bytes);
                    onTheWay = 0;
                }
                events.add(new Event.Written());
            } catch (Refused refused) {
                say.accept("%d bytes were not written".formatted(onTheWay));
                events.add(new Event.Broken(port, Main.message(refused)));
            } catch (IOException failed) {
                tellUnacknowledged(onTheWay);
                events.add(new Event.Broken(port, Main.message(failed)));
            } catch (InterruptedException _) {
                tellUnacknowledged(onTheWay);
                Thread.currentThread().interrupt();
            }
        };
    }

    private void tellUnacknowledged(int bytes) {
        if (bytes > 0) {
            say.accept("%d bytes were sent and not acknowledged, they may have been written or not".formatted(
                    bytes));
        }
    }
}
