package org.myclerk.bench;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import javax.net.ssl.SSLException;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;

/** A bare echo on Netty under TLS 1.3: all Java on NIO, or native with BoringSSL on epoll. */
final class NettyEcho implements Contender {

    private static final int LOOPS = Runtime.getRuntime().availableProcessors();

    /** Whose TLS. */
    enum Tls {
        JDK_CHACHA20(SslProvider.JDK, List.of("TLS_CHACHA20_POLY1305_SHA256"), false),
        BORINGSSL(SslProvider.OPENSSL, List.of(), true);

        private final SslProvider provider;
        private final List<String> ciphers;
        private final boolean epoll;

        Tls(SslProvider provider, List<String> ciphers, boolean epoll) {
            this.provider = provider;
            this.ciphers = ciphers;
            this.epoll = epoll;
        }

        private SslContext build(SslContextBuilder builder) throws SSLException {
            builder.sslProvider(provider).protocols("TLSv1.3");
            return (ciphers.isEmpty() ? builder : builder.ciphers(ciphers)).build();
        }
    }

    private final Tls tls;

    NettyEcho(Tls tls) {
        this.tls = tls;
    }

    private EventLoopGroup group() {
        IoHandlerFactory factory = tls.epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        return new MultiThreadIoEventLoopGroup(LOOPS, factory);
    }

    private static final class Echo extends ChannelInboundHandlerAdapter {

        @Override
        public void channelRead(ChannelHandlerContext context, Object read) {
            context.write(read, context.voidPromise());
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }

    private static final class Sink extends ChannelInboundHandlerAdapter {

        @Override
        public void channelRead(ChannelHandlerContext context, Object read) {
            ((ByteBuf) read).release();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }

    @Override
    public Server serve(Path folder) throws Exception {
        EventLoopGroup group = group();
        Certificates certificates = Certificates.in(folder);
        SslContext context = tls.build(SslContextBuilder.forServer(certificates.chain().toFile(),
                certificates.key().toFile()));
        Channel echo = listen(group, context, false);
        Channel sink = listen(group, context, true);
        return new Server() {
            @Override
            public Map<String, String> address() {
                return Map.of("port", port(echo), "sink", port(sink));
            }

            @Override
            public void close() {
                group.shutdownGracefully();
            }
        };
    }

    private static String port(Channel channel) {
        return Integer.toString(((InetSocketAddress) channel.localAddress()).getPort());
    }

    private Channel listen(EventLoopGroup group, SslContext context, boolean sink)
            throws InterruptedException {
        Class<? extends ServerChannel> type = tls.epoll ? EpollServerSocketChannel.class
                : NioServerSocketChannel.class;
        return new ServerBootstrap().group(group).channel(type)
                .option(ChannelOption.SO_BACKLOG, 1024).childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline().addLast(context.newHandler(channel.alloc()),
                                sink ? new Sink() : new Echo());
                    }
                }).bind(InetAddress.getLoopbackAddress(), 0).sync().channel();
    }

    @Override
    public Load load(Path folder, Map<String, String> address) throws Exception {
        // Without a host's name no session is resumed, and none is checked: every handshake is a full one.
        SslContext context = tls.build(SslContextBuilder.forClient().endpointIdentificationAlgorithm(null)
                .trustManager(Certificates.in(folder).authority().toFile()));
        return new Asking(context, Integer.parseInt(address.get("port")),
                Integer.parseInt(address.get("sink")));
    }

    private final class Asking implements Load {

        private final EventLoopGroup group = group();
        private final SslContext context;
        private final int port;
        private final int sink;
        private final List<Channel> channels = new ArrayList<>();

        Asking(SslContext context, int port, int sink) {
            this.context = context;
            this.port = port;
            this.sink = sink;
        }

        private Channel open(int to) throws Exception {
            Channel channel = new Bootstrap().group(group)
                    .channel(tls.epoll ? EpollSocketChannel.class : NioSocketChannel.class)
                    .option(ChannelOption.TCP_NODELAY, true)
                    .handler(new ChannelInitializer<SocketChannel>() {
                        @Override
                        protected void initChannel(SocketChannel socket) {
                            socket.pipeline().addLast(context.newHandler(socket.alloc()), new Socket());
                        }
                    }).connect(InetAddress.getLoopbackAddress(), to).sync().channel();
            channel.pipeline().get(SslHandler.class).handshakeFuture().sync();
            return channel;
        }

        @Override
        public void connect(int connections) throws Exception {
            close();
            for (int i = 0; i < connections; i++) {
                channels.add(open(port));
            }
        }

        @Override
        public void start(List<Flow> flows, int depth, int size) {
            for (int i = 0; i < channels.size(); i++) {
                Channel channel = channels.get(i);
                Flow flow = flows.get(i);
                channel.eventLoop().execute(() -> channel.pipeline().get(Socket.class)
                        .begin(flow, depth, size));
            }
        }

        @Override
        public void stream(List<Flow> flows, int size) throws Exception {
            close();
            for (Flow flow : flows) {
                Channel channel = open(sink);
                channels.add(channel);
                channel.eventLoop().execute(() -> channel.pipeline().get(Socket.class).stream(flow, size));
            }
        }

        @Override
        public void shake(boolean resumed) throws Exception {
            if (resumed) {
                throw new UnsupportedOperationException();
            }
            open(port).close().sync();
        }

        @Override
        public void close() {
            for (Channel channel : channels) {
                channel.close().syncUninterruptibly();
            }
            channels.clear();
        }
    }

    /** The asking end of one connection. */
    private static final class Socket extends ChannelInboundHandlerAdapter {

        private ChannelHandlerContext context;
        private Flow flow;
        private int size;
        private int part;
        private int more;
        private boolean streaming;

        @Override
        public void handlerAdded(ChannelHandlerContext added) {
            context = added;
        }

        void begin(Flow asking, int depth, int bytes) {
            flow = asking;
            size = bytes;
            send(depth);
        }

        private void send(int messages) {
            for (int i = 0; i < messages; i++) {
                flow.asks();
            }
            ByteBuf buffer = context.alloc().directBuffer(size * messages).writeZero(size * messages);
            context.writeAndFlush(buffer, context.voidPromise());
        }

        void stream(Flow asking, int bytes) {
            flow = asking;
            size = bytes;
            streaming = true;
            fill();
        }

        private void fill() {
            while (streaming && context.channel().isWritable() && flow.goesOn()) {
                flow.asks();
                context.writeAndFlush(context.alloc().directBuffer(size).writeZero(size),
                        context.voidPromise());
                flow.answered();
            }
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext changed) {
            fill();
        }

        @Override
        public void channelRead(ChannelHandlerContext from, Object read) {
            ByteBuf buffer = (ByteBuf) read;
            part += buffer.readableBytes();
            buffer.release();
            for (; part >= size; part -= size) {
                if (flow.answered()) {
                    more++;
                }
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext from) {
            if (more > 0) {
                int messages = more;
                more = 0;
                send(messages);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
            from.close();
        }
    }
}
