package org.myclerk.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import javax.net.ssl.SSLContext;

import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.Nats;
import io.nats.client.Options;

/** jnats and nats-server over TLS: requests to a subject that one process answers. */
final class NatsRequests implements Contender {

    private static final String SUBJECT = "bench";

    private static Connection connect(Path folder, int port)
            throws IOException, InterruptedException, GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(null, Broker.trust(folder).getTrustManagers(), null);
        return Nats.connect(new Options.Builder().server("tls://127.0.0.1:" + port).sslContext(context).build());
    }

    @Override
    public Server serve(Path folder) throws Exception {
        Certificates certificates = Certificates.in(folder);
        Broker broker = new Broker(folder, port -> List.of("nats-server", "-a", "127.0.0.1", "-p",
                Integer.toString(port), "--tls", "--tlscert", certificates.chain().toString(), "--tlskey",
                certificates.key().toString()));
        Connection connection = connect(folder, broker.port());
        connection.createDispatcher(message -> connection.publish(message.getReplyTo(), message.getData()))
                .subscribe(SUBJECT);
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

    private static final class Asking implements Load {

        private final Path folder;
        private final int port;
        private final List<Connection> connections = new ArrayList<>();

        Asking(Path folder, int port) {
            this.folder = folder;
            this.port = port;
        }

        @Override
        public void connect(int count) throws Exception {
            close();
            for (int i = 0; i < count; i++) {
                connections.add(NatsRequests.connect(folder, port));
            }
        }

        @Override
        public void start(List<Flow> flows, int depth, int size) {
            for (int i = 0; i < connections.size(); i++) {
                Connection connection = connections.get(i);
                Flow flow = flows.get(i);
                byte[] message = new byte[size];
                String inbox = connection.createInbox();
                Dispatcher answers = connection.createDispatcher(answer -> {
                    if (flow.answered()) {
                        flow.asks();
                        connection.publish(SUBJECT, inbox, message);
                    }
                });
                answers.subscribe(inbox);
                for (int j = 0; j < depth; j++) {
                    flow.asks();
                }
                for (int j = 0; j < depth; j++) {
                    connection.publish(SUBJECT, inbox, message);
                }
            }
        }

        @Override
        public void close() throws IOException {
            try {
                for (Connection connection : connections) {
                    connection.close();
                }
            } catch (InterruptedException stopped) {
                throw new IOException(stopped);
            }
            connections.clear();
        }
    }
}
