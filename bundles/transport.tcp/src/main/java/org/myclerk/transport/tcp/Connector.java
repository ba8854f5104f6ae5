package org.myclerk.transport.tcp;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.function.Consumer;

import org.myclerk.api.transport.Endpoint;
import org.myclerk.api.transport.LinkAcceptor;

/**
 * An attempt to connect: a name is resolved on a thread of its own, then its addresses are tried in order,
 * each for its share of the time that is left.
 */
final class Connector implements Ready {

    private final Loop loop;
    private final Endpoint endpoint;
    private final LinkAcceptor acceptor;
    private final Consumer<IOException> failed;
    private final Duration patience;
    private long deadline;
    private Timers.Entry all;
    private Timers.Entry share;
    private InetAddress[] addresses = {};
    private int tried;
    private SocketChannel channel;
    private IOException last;
    private boolean over;

    /** For a loop that was promised it ({@link Loop#join}). */
    Connector(Loop loop, Endpoint endpoint, LinkAcceptor acceptor, Consumer<IOException> failed,
            Duration patience) {
        this.loop = loop;
        this.endpoint = endpoint;
        this.acceptor = acceptor;
        this.failed = failed;
        this.patience = patience;
    }

    /** On the loop. */
    void start() {
        if (loop.stopping()) {
            fail(TcpTransport.stopped());
            return;
        }
        loop.pend(this);
        deadline = System.nanoTime() + patience.toNanos();
        all = loop.after(patience, null, () -> fail(late()));
        try {
            addresses = new InetAddress[] {InetAddress.ofLiteral(endpoint.host())};
        } catch (IllegalArgumentException _) {
            // Not virtual: the system's resolver would hold a carrier thread for as long as it waits.
            Thread.ofPlatform().daemon(true).name("myclerk-tcp-resolve").start(this::resolve);
            return;
        }
        next();
    }

    private void resolve() {
        try {
            InetAddress[] found = InetAddress.getAllByName(endpoint.host());
            loop.submit(null, () -> {
                addresses = found;
                next();
            });
        } catch (UnknownHostException unknown) {
            loop.submit(null, () -> fail(explained(unknown)));
        }
    }

    private void next() {
        while (!over) {
            drop();
            if (tried == addresses.length) {
                fail(last);
                return;
            }
            long left = (deadline - System.nanoTime()) / (addresses.length - tried);
            boolean up;
            try {
                channel = SocketChannel.open();
                channel.configureBlocking(false);
                TcpTransport.tune(channel);
                channel.connect(new InetSocketAddress(addresses[tried++], endpoint.port()));
                // On this machine it is up by now, though nobody has said so yet.
                up = channel.finishConnect();
                if (!up) {
                    loop.register(channel, SelectionKey.OP_CONNECT, this);
                    share = loop.after(Duration.ofNanos(left), null, () -> {
                        last = late();
                        next();
                    });
                }
            } catch (IOException | RuntimeException refused) {
                last = explained(refused);
                continue;
            }
            if (up) {
                established();
            }
            return;
        }
    }

    @Override
    public void ready() {
        try {
            channel.finishConnect();
        } catch (IOException refused) {
            last = explained(refused);
            next();
            return;
        }
        established();
    }

    private void established() {
        SocketChannel connected = channel;
        channel = null;
        finish();
        try {
            TcpLink.open(loop, connected, acceptor);
        } catch (IOException broken) {
            failed.accept(broken);
        }
    }

    @Override
    public void stop() {
        fail(TcpTransport.stopped());
    }

    private void fail(IOException cause) {
        if (!over) {
            drop();
            finish();
            loop.leave();
            failed.accept(cause);
        }
    }

    private void finish() {
        over = true;
        loop.unpend(this);
        if (share != null) {
            share.cancel();
        }
        if (all != null) {
            all.cancel();
        }
    }

    private void drop() {
        if (share != null) {
            share.cancel();
        }
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException failure) {
                last = failure;
            }
            channel = null;
        }
    }

    private IOException late() {
        return new SocketTimeoutException("%s did not answer within %d s"
                .formatted(endpoint, patience.toSeconds()));
    }

    private IOException explained(Exception cause) {
        String message = switch (cause) {
            case UnknownHostException _ ->
                    "there is no host called %s; check the name".formatted(endpoint.host());
            case ConnectException _ -> "%s refuses connections; is a node running there?".formatted(endpoint);
            case NoRouteToHostException _ -> "%s cannot be reached; is it switched on?".formatted(endpoint);
            default -> "%s cannot be reached: %s".formatted(endpoint, cause.getMessage());
        };
        return new IOException(message, cause);
    }
}
