package org.myclerk.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;

/**
 * The HiveMQ client and Mosquitto, at most once: a topic for each caller's requests and one for its answers.
 */
final class MqttRequests extends BrokerRequests<Mqtt5AsyncClient> {

    @Override
    List<String> broker(Path folder, Certificates certificates, int port) throws IOException {
        Path configuration = folder.resolve("mosquitto.conf");
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
    }

    @Override
    Mqtt5AsyncClient connect(Path folder, int port) throws IOException, GeneralSecurityException {
        Mqtt5AsyncClient client = MqttClient.builder().useMqttVersion5()
                .identifier(UUID.randomUUID().toString())
                .serverHost("localhost").serverPort(port).sslConfig(MqttClientSslConfig.builder()
                        .trustManagerFactory(Broker.trust(folder)).build()).buildAsync();
        client.connect().join();
        return client;
    }

    @Override
    void close(Mqtt5AsyncClient client) {
        client.disconnect().join();
    }

    @Override
    void answer(Mqtt5AsyncClient client) {
        client.subscribeWith().topicFilter("q/+").qos(MqttQos.AT_MOST_ONCE).callback(question ->
                client.publishWith().topic("a/" + question.getTopic().getLevels().get(1))
                        .payload(question.getPayloadAsBytes()).send()).send().join();
    }

    @Override
    Consumer<byte[]> asking(Mqtt5AsyncClient client, int number, Runnable answered) {
        client.subscribeWith().topicFilter("a/" + number).qos(MqttQos.AT_MOST_ONCE)
                .callback(_ -> answered.run())
                .send().join();
        return message -> client.publishWith().topic("q/" + number).payload(message).send();
    }
}
