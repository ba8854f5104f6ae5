package org.myclerk.api.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How endpoints are written. */
class EndpointTest {

    @ParameterizedTest
    @CsvSource({"node,tcp,node,5657,node:5657", "node:1,tcp,node,1,node:1",
        "10.0.0.1:65535,tcp,10.0.0.1,65535,10.0.0.1:65535",
        "[::1],tcp,::1,5657,[::1]:5657", "[fe80::1%eth0]:7,tcp,fe80::1%eth0,7,[fe80::1%eth0]:7",
        "tcp://node:9,tcp,node,9,node:9", "ws://node,ws,node,5657,ws://node:5657",
        "nats://[2001:db8::2]:4222,nats,2001:db8::2,4222,nats://[2001:db8::2]:4222",
        "'  node:80 ',tcp,node,80,node:80",
        "0.0.0.0:0,tcp,0.0.0.0,0,0.0.0.0:0"})
    void readsAndWritesItBack(String text, String scheme, String host, int port, String canonical) {
        Endpoint endpoint = Endpoint.parse(text);
        assertEquals(new Endpoint(scheme, host, port), endpoint);
        assertEquals(canonical, endpoint.toString());
        assertEquals(endpoint, Endpoint.parse(canonical));
    }

    @Test
    void usesThePortOfTheDraft() {
        assertEquals(5657, Endpoint.DEFAULT_PORT);
    }

    @ParameterizedTest
    @CsvSource({"'',needs a host", "':5657',needs a host", "'[]:5657',needs a host", "'tcp://',needs a host",
        "node:65536,not in 0..65535", "node:-1,not in 0..65535", "node:http,not a number",
        "node:99999999999,not a number",
        "'[::1',closing bracket", "'[::1]5657',not host:port", "'::1',in brackets",
        "'fe80::1:5657',in brackets", "'[[:1',closing bracket", "'[[]:1',no name", "'a b',no name",
        "'a/b:1',no name",
        "'[x]://a',no scheme"})
    void refusesWithASentence(String text, String words) {
        String message = assertThrows(IllegalArgumentException.class,
                () -> Endpoint.parse(text)).getMessage();
        assertTrue(message.contains(words), message);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 65_536})
    void refusesPortsThatNoSocketHas(int port) {
        assertThrows(IllegalArgumentException.class, () -> new Endpoint("tcp", "node", port));
    }
}
