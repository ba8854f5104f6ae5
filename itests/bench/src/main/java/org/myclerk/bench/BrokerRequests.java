package org.myclerk.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Requests by way of a message broker over TLS: one process answers what is sent to it, the other asks over
 * connections of its own.
 *
 * @param <C> the client library's connection
 */
abstract class BrokerRequests<C> implements Contender {

    /** What starts the broker. */
    abstract List<String> broker(Path folder, Certificates certificates, int port) throws IOException;

    abstract C connect(Path folder, int port) throws Exception;

    abstract void close(C connection) throws Exception;

    /** Sends every question back to who asked it, from now on. */
    abstract void answer(C connection) throws Exception;

    /**
     * Prepares a connection for asking.
     *
     * @param number of the connection among those that ask
     * @param answered runs at every answer
     * @return what asks
     */
    abstract Consumer<byte[]> asking(C connection, int number, Runnable answered) throws Exception;

    @Override
    public Server serve(Path folder) throws Exception {
        Certificates certificates = Certificates.in(folder);
        Broker broker = new Broker(folder, port -> broker(folder, certificates, port));
        answer(connect(folder, broker.port()));
        return new Server() {
            @Override
            public Map<String, String> address() {
                return Map.of("port", Integer.toString(broker.port()));
            }

            @Override
            public List<Long> helpers() {
                return List.of(broker.pid());
            }

            @Override
            public void close() {
                broker.close();
            }
        };
    }

    @Override
    public Load load(Path folder, Map<String, String> address) {
        return new Asking(folder, Integer.parseInt(address.get("port")));
    }

    private final class Asking implements Load {

        private final Path folder;
        private final int port;
        private final List<Asker> askers = new ArrayList<>();

        Asking(Path folder, int port) {
            this.folder = folder;
            this.port = port;
        }

        @Override
        public void connect(int connections) throws Exception {
            close();
            for (int i = 0; i < connections; i++) {
                askers.add(new Asker(BrokerRequests.this.connect(folder, port), i));
            }
        }

        @Override
        public void start(List<Flow> flows, int depth, int size) {
            for (int i = 0; i < askers.size(); i++) {
                askers.get(i).begin(flows.get(i), depth, new byte[size]);
            }
        }

        @Override
        public void close() throws IOException {
            try {
                for (Asker asker : askers) {
                    BrokerRequests.this.close(asker.connection);
                }
            } catch (Exception failed) {
                throw new IOException(failed);
            }
            askers.clear();
        }
    }

    private final class Asker {

        private final C connection;
        private final Consumer<byte[]> asks;
        private volatile Flow flow;
        private volatile byte[] message;

        Asker(C connection, int number) throws Exception {
            this.connection = connection;
            this.asks = asking(connection, number, this::answered);
        }

        private void answered() {
            if (flow.answered()) {
                flow.asks();
                asks.accept(message);
            }
        }

        void begin(Flow asking, int depth, byte[] bytes) {
            flow = asking;
            message = bytes;
            for (int i = 0; i < depth; i++) {
                flow.asks();
            }
            for (int i = 0; i < depth; i++) {
                asks.accept(message);
            }
        }
    }
}
