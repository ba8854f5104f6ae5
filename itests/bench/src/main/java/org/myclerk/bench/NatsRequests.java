package org.myclerk.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.function.Consumer;

import javax.net.ssl.SSLContext;

import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.Options;

/** jnats and nats-server: requests to a subject, answers to an inbox of each connection. */
final class NatsRequests extends BrokerRequests<Connection> {

    private static final String SUBJECT = "bench";

    @Override
    List<String> broker(Path folder, Certificates certificates, int port) {
        return List.of("nats-server", "-a", "127.0.0.1", "-p", Integer.toString(port), "--tls", "--tlscert",
                certificates.chain().toString(), "--tlskey", certificates.key().toString());
    }

    @Override
    Connection connect(Path folder, int port) throws IOException, InterruptedException,
            GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(null, Broker.trust(folder).getTrustManagers(), null);
        return Nats.connect(new Options.Builder().server("tls://127.0.0.1:" + port).sslContext(context)
                .build());
    }

    @Override
    void close(Connection connection) throws InterruptedException {
        connection.close();
    }

    @Override
    void answer(Connection connection) {
        connection.createDispatcher(question -> connection.publish(question.getReplyTo(), question.getData()))
                .subscribe(SUBJECT);
    }

    @Override
    Consumer<byte[]> asking(Connection connection, int number, Runnable answered) {
        String inbox = connection.createInbox();
        connection.createDispatcher(_ -> answered.run()).subscribe(inbox);
        return message -> connection.publish(SUBJECT, inbox, message);
    }
}
