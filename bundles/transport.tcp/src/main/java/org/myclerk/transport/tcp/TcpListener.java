package org.myclerk.transport.tcp;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.myclerk.api.transport.Endpoint;
import org.myclerk.api.transport.LinkAcceptor;
import org.myclerk.api.transport.Transport;

/** Accepts connections on its loop and deals them out to the loops. */
final class TcpListener implements Transport.Listener, Ready {

    private static final int AT_ONCE = 64;
    private static final Duration PAUSE = Duration.ofMillis(100);

    private final TcpTransport transport;
    private final Loop loop;
    private final ServerSocketChannel channel;
    private final LinkAcceptor acceptor;
    private final Endpoint endpoint;
    private SelectionKey key;
    private boolean exhausted;

    /** For a bound, non-blocking channel and a loop that was promised it ({@link Loop#join}). */
    TcpListener(TcpTransport transport, Loop loop, ServerSocketChannel channel, String host,
            LinkAcceptor acceptor) throws IOException {
        this.transport = transport;
        this.loop = loop;
        this.channel = channel;
        this.acceptor = acceptor;
        this.endpoint = new Endpoint("tcp", host, ((InetSocketAddress) channel.getLocalAddress()).getPort());
    }

    /** On the loop. */
    void start() {
        try {
            key = loop.register(channel, SelectionKey.OP_ACCEPT, this);
        } catch (IOException failed) {
            Loop.log(Level.WARNING, "cannot listen on " + endpoint, failed);
            stop();
        }
        if (loop.stopping()) {
            stop();
        }
    }

    @Override
    public Endpoint endpoint() {
        return endpoint;
    }

    @Override
    public void ready() {
        for (int i = 0; i < AT_ONCE; i++) {
            SocketChannel accepted;
            try {
                accepted = channel.accept();
            } catch (IOException full) {
                pause(full);
                return;
            }
            if (accepted == null) {
                return;
            }
            exhausted = false;
            deal(accepted);
        }
    }

    /**
     * Without a free descriptor the connection stays in the backlog and the selector would report it for
     * ever.
     */
    private void pause(IOException cause) {
        if (!channel.isOpen()) {
            return;
        }
        key.interestOps(0);
        loop.after(PAUSE, null, () -> {
            if (key.isValid()) {
                key.interestOps(SelectionKey.OP_ACCEPT);
            }
        });
        if (!exhausted) {
            exhausted = true;
            Loop.log(Level.WARNING, "%s cannot take more connections now (%s); raise the limit of open files"
                    .formatted(endpoint, cause.getMessage()), null);
        }
    }

    private void deal(SocketChannel accepted) {
        Loop to;
        try {
            accepted.configureBlocking(false);
            TcpTransport.tune(accepted);
            to = transport.quietest();
        } catch (IOException failed) {
            Loop.log(Level.DEBUG, "a new connection was lost", failed);
            discard(accepted);
            return;
        }
        if (to == loop) {
            adopt(to, accepted);
        } else if (!to.submit(null, () -> adopt(to, accepted))) {
            discard(accepted);
        }
    }

    private void adopt(Loop to, SocketChannel accepted) {
        if (to.stopping()) {
            to.leave();
            discard(accepted);
            return;
        }
        try {
            TcpLink.open(to, accepted, acceptor);
        } catch (IOException failed) {
            Loop.log(Level.DEBUG, "a new connection was lost", failed);
        }
    }

    private static void discard(SocketChannel accepted) {
        try {
            accepted.close();
        } catch (IOException failed) {
            Loop.log(Level.DEBUG, "a socket could not be closed", failed);
        }
    }

    /**
     * The port is free when this returns, unless it is called on the loop: then at the end of the loop's
     * turn.
     */
    @Override
    public void close() {
        if (loop.here()) {
            stop();
            return;
        }
        CountDownLatch released = new CountDownLatch(1);
        boolean runs = loop.submit(null, () -> {
            stop();
            try {
                loop.release();
            } catch (IOException failed) {
                Loop.log(Level.DEBUG, "a port was not released", failed);
            }
            released.countDown();
        });
        try {
            if (runs && !released.await(1, TimeUnit.SECONDS)) {
                Loop.log(Level.DEBUG, endpoint + " is not released yet", null);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void stop() {
        if (!channel.isOpen()) {
            return;
        }
        try {
            channel.close();
        } catch (IOException failed) {
            Loop.log(Level.DEBUG, "a port could not be closed", failed);
        }
        loop.leave();
    }
}
