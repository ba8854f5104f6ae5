package org.myclerk.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A way for two programs to talk that the load program can measure. */
interface Contender {

    /** The parts that serve, in this process or started by it. */
    interface Server extends AutoCloseable {

        @Override
        void close() throws IOException;

        /** What its clients must know, such as ports. */
        Map<String, String> address();

        /** Processes beside this one whose CPU time counts. */
        default List<Long> helpers() {
            return List.of();
        }
    }

    /** The part that asks. */
    interface Load extends AutoCloseable {

        @Override
        void close() throws IOException;

        /** Makes so many connections, in place of those that were there. */
        void connect(int connections) throws Exception;

        /**
         * Sends so many requests on every connection, and another one for each answer while the gate is open.
         */
        void start(List<Flow> flows, int depth, int size) throws Exception;

        /**
         * Sends messages that nobody answers while the gate is open; a flow is told of each when it has left.
         */
        default void stream(List<Flow> flows, int size) throws Exception {
            throw new UnsupportedOperationException();
        }

        /** Opens one session and closes it again. */
        default void shake(boolean resumed) throws Exception {
            throw new UnsupportedOperationException();
        }
    }

    Server serve(Path folder) throws Exception;

    Load load(Path folder, Map<String, String> address) throws Exception;

    static Contender named(String name) {
        return switch (name) {
            case "myclerk" -> new MyClerk();
            case "nio" -> new NioEcho();
            case "netty-jdk" -> new NettyEcho(NettyEcho.Tls.JDK_CHACHA20);
            case "netty-boringssl" -> new NettyEcho(NettyEcho.Tls.BORINGSSL);
            case "grpc" -> new Grpc();
            case "nats" -> new NatsRequests();
            case "mqtt" -> new MqttRequests();
            default -> throw new IllegalArgumentException("there is no contender " + name);
        };
    }
}
