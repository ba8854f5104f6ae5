package org.myclerk.bench;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;

/** gRPC: one bidirectional stream on a connection of its own, bytes as they are, under BoringSSL. */
final class Grpc implements Contender {

    private static final MethodDescriptor.Marshaller<byte[]> BYTES = new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException broken) {
                throw new UncheckedIOException(broken);
            }
        }
    };
    private static final MethodDescriptor<byte[], byte[]> ECHO = MethodDescriptor.newBuilder(BYTES, BYTES)
            .setType(MethodDescriptor.MethodType.BIDI_STREAMING).setFullMethodName("bench.Bench/Echo")
            .build();

    @Override
    public Contender.Server serve(Path folder) throws IOException {
        Certificates certificates = Certificates.in(folder);
        SslContext context = GrpcSslContexts.forServer(certificates.chain().toFile(),
                certificates.key().toFile())
                .build();
        io.grpc.Server server = NettyServerBuilder.forPort(0).sslContext(context).directExecutor()
                .addService(ServerServiceDefinition.builder("bench.Bench").addMethod(ECHO,
                        ServerCalls.asyncBidiStreamingCall(Grpc::echo)).build()).build().start();
        return new Contender.Server() {
            @Override
            public Map<String, String> address() {
                return Map.of("port", Integer.toString(server.getPort()));
            }

            @Override
            public void close() {
                server.shutdownNow();
            }
        };
    }

    private static StreamObserver<byte[]> echo(StreamObserver<byte[]> back) {
        return new StreamObserver<>() {
            @Override
            public void onNext(byte[] value) {
                back.onNext(value);
            }

            @Override
            public void onError(Throwable cause) {
                // The client has gone.
            }

            @Override
            public void onCompleted() {
                back.onCompleted();
            }
        };
    }

    @Override
    public Load load(Path folder, Map<String, String> address) throws IOException {
        SslContext context = GrpcSslContexts.forClient().trustManager(Certificates.in(folder).authority()
                .toFile())
                .build();
        return new Asking(context, Integer.parseInt(address.get("port")));
    }

    private static final class Asking implements Load {

        private final SslContext context;
        private final int port;
        private final List<ManagedChannel> channels = new ArrayList<>();

        Asking(SslContext context, int port) {
            this.context = context;
            this.port = port;
        }

        @Override
        public void connect(int connections) {
            close();
            for (int i = 0; i < connections; i++) {
                channels.add(NettyChannelBuilder.forAddress("127.0.0.1", port).overrideAuthority("localhost")
                        .sslContext(context).directExecutor().build());
            }
        }

        @Override
        public void start(List<Flow> flows, int depth, int size) {
            for (int i = 0; i < channels.size(); i++) {
                new Asker(flows.get(i), depth, new byte[size]).begin(channels.get(i));
            }
        }

        @Override
        public void close() {
            channels.forEach(ManagedChannel::shutdownNow);
            channels.clear();
        }
    }

    private static final class Asker implements StreamObserver<byte[]> {

        private final Flow flow;
        private final byte[] message;
        private StreamObserver<byte[]> out;
        private int next;

        Asker(Flow flow, int depth, byte[] message) {
            this.flow = flow;
            this.next = depth;
            this.message = message;
        }

        void begin(ManagedChannel channel) {
            out = ClientCalls.asyncBidiStreamingCall(channel.newCall(ECHO, CallOptions.DEFAULT), this);
            ask();
        }

        private void ask() {
            flow.asks();
            out.onNext(message);
        }

        @Override
        public void onNext(byte[] value) {
            if (flow.answered()) {
                int asks = next;
                next = 1;
                for (int i = 0; i < asks; i++) {
                    ask();
                }
            }
        }

        @Override
        public void onError(Throwable cause) {
            // The load has ended.
        }

        @Override
        public void onCompleted() {
            // The load has ended.
        }
    }
}
