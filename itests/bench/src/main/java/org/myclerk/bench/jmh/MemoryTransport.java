package org.myclerk.bench.jmh;

import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

import org.myclerk.api.transport.Endpoint;
import org.myclerk.api.transport.Link;
import org.myclerk.api.transport.LinkAcceptor;
import org.myclerk.api.transport.LinkHandler;
import org.myclerk.api.transport.Transport;

/** Carries frames from one array to another on a single thread: all that a session costs, and no sockets. */
final class MemoryTransport implements Transport, AutoCloseable {

    private static final Endpoint HERE = new Endpoint("memory", "here", 1);

    private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
    private final Thread loop = Thread.ofPlatform().daemon().name("memory loop").unstarted(this::run);
    private LinkAcceptor listening;

    MemoryTransport() {
        loop.start();
    }

    private void run() {
        try {
            while (true) {
                tasks.take().run();
            }
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    /** The thread that everything happens on. */
    Thread loop() {
        return loop;
    }

    @Override
    public String scheme() {
        return HERE.scheme();
    }

    @Override
    public boolean ordered() {
        return true;
    }

    @Override
    public int largestFrame() {
        return 65_535;
    }

    @Override
    public Listener listen(Endpoint endpoint, LinkAcceptor acceptor) {
        listening = acceptor;
        return new Listener() {
            @Override
            public Endpoint endpoint() {
                return HERE;
            }

            @Override
            public void close() {
                // Nothing listens but this object.
            }
        };
    }

    @Override
    public void connect(Endpoint endpoint, LinkAcceptor acceptor, Consumer<IOException> failed) {
        tasks.add(() -> {
            End one = new End();
            End other = new End();
            one.peer = other;
            other.peer = one;
            other.handler = listening.accept(other);
            one.handler = acceptor.accept(one);
        });
    }

    @Override
    public void close() {
        loop.interrupt();
    }

    /** One end of a link. Frames lie one after another, their lengths before them. */
    private final class End implements Link {

        private End peer;
        private LinkHandler handler;
        private byte[] sending = new byte[1 << 16];
        private byte[] receiving = new byte[1 << 16];
        private int sent;
        private int received;
        private boolean closed;
        private final Runnable deliver = this::deliver;

        private void deliver() {
            if (closed) {
                return;
            }
            int end = received;
            received = 0;
            for (int at = 0; at < end;) {
                int length = (receiving[at] & 0xFF) << 16 | (receiving[at + 1] & 0xFF) << 8
                        | receiving[at + 2] & 0xFF;
                handler.received(receiving, at + 3, length);
                at += 3 + length;
            }
            handler.drained();
        }

        @Override
        public InetAddress address() {
            return InetAddress.getLoopbackAddress();
        }

        @Override
        public Endpoint remote() {
            return HERE;
        }

        @Override
        public void receiveLimit(int bytes) {
            // Both ends are ours.
        }

        @Override
        public void send(byte[] frame, int offset, int length) {
            if (sending.length - sent < length + 3) {
                sending = Arrays.copyOf(sending, 2 * (sent + length + 3));
            }
            sending[sent] = (byte) (length >>> 16);
            sending[sent + 1] = (byte) (length >>> 8);
            sending[sent + 2] = (byte) length;
            System.arraycopy(frame, offset, sending, sent + 3, length);
            sent += length + 3;
        }

        @Override
        public void flush() {
            if (sent == 0 || peer.received > 0) {
                if (sent > 0) {
                    tasks.add(this::flush);
                }
                return;
            }
            byte[] full = sending;
            sending = peer.receiving;
            peer.receiving = full;
            peer.received = sent;
            sent = 0;
            tasks.add(peer.deliver);
        }

        @Override
        public boolean congested() {
            return sent > 1 << 16;
        }

        @Override
        public void reading(boolean on) {
            // Nothing here reads slowly.
        }

        @Override
        public void close() {
            if (!closed) {
                flush();
                closed = true;
                tasks.add(() -> {
                    handler.closed(null);
                    if (!peer.closed) {
                        peer.closed = true;
                        peer.handler.closed(null);
                    }
                });
            }
        }

        @Override
        public void execute(Runnable task) {
            tasks.add(() -> {
                if (!closed) {
                    task.run();
                    handler.drained();
                }
            });
        }

        @Override
        public Timer schedule(Duration delay, Runnable task) {
            return () -> { };
        }
    }
}
