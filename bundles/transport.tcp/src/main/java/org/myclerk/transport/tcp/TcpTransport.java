package org.myclerk.transport.tcp;

import java.io.IOException;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

import org.myclerk.api.transport.Endpoint;
import org.myclerk.api.transport.LinkAcceptor;
import org.myclerk.api.transport.Transport;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/**
 * Frames over TCP, {@code u32(length) || frame} (profile §17). Links are dealt out to selector loops, each a
 * daemon thread of its own that starts when it is first needed. Thread-safe.
 */
@Component(service = Transport.class, configurationPid = "org.myclerk.transport.tcp")
@Designate(ocd = TcpTransport.Config.class)
public final class TcpTransport implements Transport, AutoCloseable {

    private static final int BACKLOG = 1024;
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration STOP = Duration.ofSeconds(3);

    private final Object lock = new Object();
    private final int most;
    private final List<Loop> loops = new ArrayList<>();
    private boolean closed;

    /** Configuration. */
    @ObjectClassDefinition(name = "TCP")
    public @interface Config {

        /** How many loops; 0 means one per processor. */
        @AttributeDefinition(min = "0", max = "1024",
                description = "How many loops; 0 means one per processor")
        int loops() default 0;
    }

    /** With one loop per processor. */
    public TcpTransport() {
        this(0);
    }

    @Activate
    public TcpTransport(Config config) {
        this(config.loops());
    }

    TcpTransport(int loops) {
        this.most = loops > 0 ? loops : Runtime.getRuntime().availableProcessors();
    }

    @Override
    public String scheme() {
        return "tcp";
    }

    @Override
    public boolean ordered() {
        return true;
    }

    @Override
    public int largestFrame() {
        return TcpLink.LARGEST_FRAME;
    }

    /** {@code [::]} takes IPv4 too; {@code 0.0.0.0} takes nothing else. */
    @Override
    public Listener listen(Endpoint endpoint, LinkAcceptor acceptor) throws IOException {
        ServerSocketChannel channel = bind(endpoint);
        try {
            channel.configureBlocking(false);
            Loop loop = quietest();
            TcpListener listener = new TcpListener(this, loop, channel, endpoint.host(), acceptor);
            if (!loop.submit(null, listener::start)) {
                throw stopped();
            }
            return listener;
        } catch (IOException failed) {
            channel.close();
            throw failed;
        }
    }

    /** Tries all addresses of the host in order, 10 s in all; {@code failed} may be called on any thread. */
    @Override
    public void connect(Endpoint endpoint, LinkAcceptor acceptor, Consumer<IOException> failed) {
        connect(endpoint, acceptor, failed, CONNECT);
    }

    void connect(Endpoint endpoint, LinkAcceptor acceptor, Consumer<IOException> failed, Duration patience) {
        Loop loop;
        try {
            loop = quietest();
        } catch (IOException stopped) {
            failed.accept(stopped);
            return;
        }
        if (!loop.submit(null, new Connector(loop, endpoint, acceptor, failed, patience)::start)) {
            failed.accept(stopped());
        }
    }

    /**
     * Closes every listener and link, after writing what is queued for up to a second, and ends the threads.
     */
    @Deactivate
    @Override
    public void close() {
        List<Loop> all;
        synchronized (lock) {
            closed = true;
            all = List.copyOf(loops);
        }
        all.forEach(Loop::stop);
        try {
            for (Loop loop : all) {
                loop.await(STOP);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** The loop that carries least, with the promise of one more. */
    Loop quietest() throws IOException {
        synchronized (lock) {
            if (closed) {
                throw stopped();
            }
            Loop best = null;
            for (Loop loop : loops) {
                best = best == null || loop.load() < best.load() ? loop : best;
            }
            if (best == null || best.load() > 0 && loops.size() < most) {
                best = new Loop("myclerk-tcp-" + loops.size());
                loops.add(best);
                best.start();
            }
            best.join();
            return best;
        }
    }

    static IOException stopped() {
        return new IOException("the TCP transport has stopped");
    }

    static void tune(SocketChannel channel) throws IOException {
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
    }

    private static ServerSocketChannel bind(Endpoint endpoint) throws IOException {
        InetAddress address;
        try {
            address = InetAddress.getByName(endpoint.host());
        } catch (UnknownHostException unknown) {
            throw new IOException("there is no address called %s to listen on; choose another with --listen"
                    .formatted(endpoint.host()), unknown);
        }
        boolean ipv4 = address instanceof Inet4Address;
        ServerSocketChannel channel = ipv4 ? ServerSocketChannel.open(StandardProtocolFamily.INET)
                : ServerSocketChannel.open();
        try {
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            // On a machine without IPv6 the wildcard alone still means every address there is.
            channel.bind(!ipv4 && address.isAnyLocalAddress() ? new InetSocketAddress(endpoint.port())
                    : new InetSocketAddress(address, endpoint.port()), BACKLOG);
            return channel;
        } catch (IOException | RuntimeException failed) {
            channel.close();
            throw new IOException(explained(endpoint, address, failed), failed);
        }
    }

    private static String explained(Endpoint endpoint, InetAddress address, Exception cause)
            throws IOException {
        if (!address.isAnyLocalAddress() && !address.isLoopbackAddress()
                && NetworkInterface.getByInetAddress(address) == null) {
            return "%s is not an address of this machine; choose another with --listen"
                    .formatted(endpoint.host());
        }
        if (!(cause instanceof BindException)) {
            return "cannot listen on %s: %s".formatted(endpoint, cause.getMessage());
        }
        if (endpoint.port() < 1024) {
            return "port %d is in use or needs an administrator's rights; choose another with --listen"
                    .formatted(endpoint.port());
        }
        return "port %d is in use by another program; choose another with --listen"
                .formatted(endpoint.port());
    }
}
