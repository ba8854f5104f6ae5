package org.myclerk.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;

/** The HiveMQ client and Mosquitto over TLS, at most once: a topic for each caller's requests and one for its answers. */
final class MqttRequests implements Contender {

    private static Mqtt5AsyncClient connect(Path folder, int port) throws IOException, GeneralSecurityException {
        Mqtt5AsyncClient client = MqttClient.builder().useMqttVersion5().identifier(UUID.randomUUID().toString())
                .serverHost("localhost").serverPort(port).sslConfig(MqttClientSslConfig.builder()
                        .trustManagerFactory(Broker.trust(folder)).build()).buildAsync();
        client.connect().join();
        return client;
    }

    @Override
    public Server serve(Path folder) throws Exception {
        Certificates certificates = Certificates.in(folder);
        Path configuration = folder.resolve("mosquitto.conf");
        Broker broker = new Broker(folder, port -> {
            Files.writeString(configuration, """
                    listener %d 127.0.0.1
                    certfile %s
                    keyfile %s
                    allow_anonymous true
                    set_tcp_nodelay true
                    max_queued_messages 0
                    user %s
                    """.formatted(port, certificates.chain(), certificates.key(), System.getProperty("user.name")));
            return List.of("mosquitto", "-c", configuration.toString());
        });
        Mqtt5AsyncClient client = connect(folder, broker.port());
        client.subscribeWith().topicFilter("q/+").qos(MqttQos.AT_MOST_ONCE).callback(question ->
                client.publishWith().topic("a/" + question.getTopic().getLevels().get(1))
                        .payload(question.getPayloadAsBytes()).send()).send().join();
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
        private final List<Asker> askers = new ArrayList<>();

        Asking(Path folder, int port) {
            this.folder = folder;
            this.port = port;
        }

        @Override
        public void connect(int connections) throws Exception {
            close();
            for (int i = 0; i < connections; i++) {
                askers.add(new Asker(MqttRequests.connect(folder, port), i));
            }
        }

        @Override
        public void start(List<Flow> flows, int depth, int size) {
            for (int i = 0; i < askers.size(); i++) {
                askers.get(i).begin(flows.get(i), depth, new byte[size]);
            }
        }

        @Override
        public void close() {
            askers.forEach(asker -> asker.client.disconnect().join());
            askers.clear();
        }
    }

    private static final class Asker {

        private final Mqtt5AsyncClient client;
        private final String topic;
        private volatile Flow flow;
        private volatile byte[] message;

        Asker(Mqtt5AsyncClient client, int number) {
            this.client = client;
            this.topic = "q/" + number;
            client.subscribeWith().topicFilter("a/" + number).qos(MqttQos.AT_MOST_ONCE).callback(answer -> {
                if (flow.answered()) {
                    flow.asks();
                    ask();
                }
            }).send().join();
        }

        void begin(Flow asking, int depth, byte[] bytes) {
            flow = asking;
            message = bytes;
            for (int i = 0; i < depth; i++) {
                flow.asks();
            }
            for (int i = 0; i < depth; i++) {
                ask();
            }
        }

        private void ask() {
            client.publishWith().topic(topic).payload(message).send();
        }
    }
}
