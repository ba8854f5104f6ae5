package org.myclerk.api.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Any text that somebody calls an address: what was read is written so that it is read again. */
class EndpointFuzzTest {

    static Stream<byte[]> seeds() {
        return Stream.of("node", "node:1", "10.0.0.1:65535", "[::1]", "[fe80::1%eth0]:7", "tcp://node:9",
                "nats://[2001:db8::2]:4222", " node:80 ", "node:-1", "[::1", "::1", "ws://",
                "matrix://@a:b:1")
                .map(text -> text.getBytes(StandardCharsets.UTF_8));
    }

    @MethodSource("seeds")
    @FuzzTest
    void readsWhatItWrites(byte[] data) {
        Endpoint endpoint;
        try {
            endpoint = Endpoint.parse(new String(data, StandardCharsets.UTF_8));
        } catch (IllegalArgumentException refused) {
            assertNotNull(refused.getMessage());
            return;
        }
        assertTrue(endpoint.port() >= 0 && endpoint.port() <= 65_535);
        assertEquals(endpoint, Endpoint.parse(endpoint.toString()));
    }
}
