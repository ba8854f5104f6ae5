package org.myclerk.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Plain sockets on selectors, without encryption and without any work: the floor. */
final class NioEcho implements Contender {

    private static final int LOOPS = Runtime.getRuntime().availableProcessors();

    /** One thread with a selector. */
    private static final class Loop extends Thread {

        final Selector selector = Selector.open();
        final ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 17);
        final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

        Loop() throws IOException {
            super("nio loop");
            setDaemon(true);
            start();
        }

        void execute(Runnable task) {
            tasks.add(task);
            selector.wakeup();
        }

        @Override
        public void run() {
            try {
                while (selector.isOpen()) {
                    selector.select(key -> ((Runnable) key.attachment()).run());
                    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                        task.run();
                    }
                }
            } catch (IOException closed) {
                throw new IllegalStateException(closed);
            }
        }
    }

    private static List<Loop> loops() throws IOException {
        List<Loop> loops = new ArrayList<>();
        for (int i = 0; i < LOOPS; i++) {
            loops.add(new Loop());
        }
        return loops;
    }

    private static void register(Loop loop, SocketChannel channel, Runnable ready) {
        loop.execute(() -> {
            try {
                channel.configureBlocking(false);
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                channel.register(loop.selector, SelectionKey.OP_READ, ready);
            } catch (IOException failed) {
                throw new IllegalStateException(failed);
            }
        });
    }

    @Override
    public Server serve(Path folder) throws IOException {
        List<Loop> loops = loops();
        ServerSocketChannel listening = ServerSocketChannel.open();
        listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
        Thread.ofPlatform().daemon().start(() -> {
            try {
                for (int i = 0;; i++) {
                    SocketChannel channel = listening.accept();
                    Loop loop = loops.get(i % loops.size());
                    register(loop, channel, () -> echo(loop, channel));
                }
            } catch (IOException closed) {
                // The program ends.
            }
        });
        int port = ((InetSocketAddress) listening.getLocalAddress()).getPort();
        return new Server() {
            @Override
            public Map<String, String> address() {
                return Map.of("port", Integer.toString(port));
            }

            @Override
            public void close() throws IOException {
                listening.close();
            }
        };
    }

    private static void echo(Loop loop, SocketChannel channel) {
        try {
            loop.buffer.clear();
            if (channel.read(loop.buffer) < 0) {
                channel.close();
                return;
            }
            loop.buffer.flip();
            write(loop, channel);
        } catch (IOException broken) {
            NioEcho.close(channel);
        }
    }

    private static void write(Loop loop, SocketChannel channel) throws IOException {
        while (loop.buffer.hasRemaining()) {
            channel.write(loop.buffer);
        }
    }

    private static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException failed) {
            throw new IllegalStateException(failed);
        }
    }

    @Override
    public Load load(Path folder, Map<String, String> address) throws IOException {
        return new Asking(Integer.parseInt(address.get("port")));
    }

    private static final class Asking implements Load {

        private final List<Loop> loops = loops();
        private final List<Socket> sockets = new ArrayList<>();
        private final int port;

        Asking(int port) throws IOException {
            this.port = port;
        }

        private static final class Socket {
            final Loop loop;
            final SocketChannel channel;
            Flow flow;
            int size;
            int part;

            Socket(Loop loop, SocketChannel channel) {
                this.loop = loop;
                this.channel = channel;
            }

            void send(int messages) {
                for (int i = 0; i < messages; i++) {
                    flow.asks();
                }
                loop.buffer.clear().limit(size * messages);
                try {
                    write(loop, channel);
                } catch (IOException broken) {
                    throw new IllegalStateException(broken);
                }
            }

            void ready() {
                int more = 0;
                try {
                    loop.buffer.clear();
                    int count = channel.read(loop.buffer);
                    if (count < 0) {
                        channel.close();
                        return;
                    }
                    part += count;
                } catch (IOException broken) {
                    NioEcho.close(channel);
                    return;
                }
                for (; part >= size; part -= size) {
                    if (flow.answered()) {
                        more++;
                    }
                }
                if (more > 0) {
                    send(more);
                }
            }
        }

        @Override
        public void connect(int connections) throws IOException {
            close();
            for (int i = 0; i < connections; i++) {
                Loop loop = loops.get(i % loops.size());
                Socket socket = new Socket(loop, SocketChannel.open(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), port)));
                register(loop, socket.channel, socket::ready);
                sockets.add(socket);
            }
        }

        @Override
        public void start(List<Flow> flows, int depth, int size) {
            for (int i = 0; i < sockets.size(); i++) {
                Socket socket = sockets.get(i);
                Flow flow = flows.get(i);
                socket.loop.execute(() -> {
                    socket.flow = flow;
                    socket.size = size;
                    socket.send(depth);
                });
            }
        }

        @Override
        public void close() throws IOException {
            for (Socket socket : sockets) {
                socket.channel.close();
                socket.loop.selector.wakeup();
            }
            sockets.clear();
        }
    }
}
