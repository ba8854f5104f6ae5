package org.myclerk.discovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.myclerk.api.node.NearbyNode;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.transport.Endpoint;

class PlaceTest {

    private static List<InetAddress> addresses(String... texts) throws Exception {
        List<InetAddress> addresses = new ArrayList<>();
        for (String text : texts) {
            addresses.add(InetAddress.getByName(text));
        }
        return addresses;
    }

    private static List<Endpoint> endpoints(String... texts) {
        return List.of(texts).stream().map(Endpoint::parse).toList();
    }

    @Test
    void announcesThePortThatAnswersThere() throws Exception {
        List<InetAddress> there = addresses("fe80::1", "192.0.2.7");
        assertEquals(5000, Place.port(endpoints("[::]:5000"), there));
        assertEquals(5001, Place.port(endpoints("0.0.0.0:5001"), there));
        assertEquals(5003, Place.port(endpoints("127.0.0.1:5002", "192.0.2.7:5003", "[::]:5004"), there));
        assertEquals(5006, Place.port(endpoints("udp://0.0.0.0:5005", "0.0.0.0:5006"), there));
    }

    @Test
    void announcesNothingThatDoesNotAnswerThere() throws Exception {
        List<InetAddress> there = addresses("192.0.2.7");
        assertEquals(0, Place.port(endpoints("127.0.0.1:5002", "[::1]:5002", "192.0.2.8:5003"), there));
        assertEquals(0, Place.port(List.of(), there));
    }

    @Test
    void speaksFromTheAddressThatReachesFurthest() throws Exception {
        assertEquals(Optional.of(InetAddress.getByName("192.0.2.7")),
                Place.address(addresses("fe80::1", "2001:db8::1", "169.254.1.1", "192.0.2.7")));
        assertEquals(Optional.of(InetAddress.getByName("2001:db8::1")),
                Place.address(addresses("fe80::1", "2001:db8::1")));
        assertEquals(Optional.empty(), Place.address(List.of()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker0", "veth12ab", "virbr0", "br-0123456789ab", "lxcbr0"})
    void leavesContainersAlone(String network) {
        assertFalse(Place.leadsOutside(network));
    }

    @ParameterizedTest
    @ValueSource(strings = {"eth0", "wlan0", "br0", "vmbr0", "br-lan", "enp3s0", "end0"})
    void announcesInRealNetworks(String network) {
        assertTrue(Place.leadsOutside(network));
    }

    @Test
    void neverChoosesLoopback() throws Exception {
        Set<Place> places = Place.all(Set.of("lo"), "x", endpoints("[::]:1"));
        assertEquals(Set.of(), places);
    }

    @Test
    void tiesAddressesOfTheLinkToTheirInterface() throws Exception {
        assertEquals("fe80:0:0:0:0:0:0:1%eth0", Segment.text(InetAddress.getByName("fe80::1"), "eth0"));
        assertEquals("2001:db8:0:0:0:0:0:1", Segment.text(InetAddress.getByName("2001:db8::1"), "eth0"));
        assertEquals("192.0.2.7", Segment.text(InetAddress.getByName("192.0.2.7"), "eth0"));
    }

    @Test
    void namesItsHostAfterIdAndInterface() {
        Bytes id = Bytes.ofHex("1a2b3c4d5e6f708192a3b4c5d6e7f809");
        assertEquals("myclerk-1a2b3c4d-eth0-1", Segment.host(new Announcement(id, "x"), "eth0.1"));
    }

    @Test
    void joinsWhatIsHeardOfANodeOnSeveralInterfaces() {
        Bytes id = Bytes.ofHex("1a2b3c4d5e6f708192a3b4c5d6e7f809");
        NearbyNode merged = Discovery.merged(new NearbyNode(id, "x", endpoints("192.0.2.9:1", "192.0.2.7:1")),
                new NearbyNode(id, "x", endpoints("192.0.2.8:1", "192.0.2.7:1")));
        assertEquals(endpoints("192.0.2.9:1", "192.0.2.7:1", "192.0.2.8:1"), merged.endpoints());
    }

    @Test
    void putsTheNewestAddressFirstAndForgetsThoseOfAnotherPort() {
        Bytes id = Bytes.ofHex("1a2b3c4d5e6f708192a3b4c5d6e7f809");
        NearbyNode before = new NearbyNode(id, "x", endpoints("192.0.2.7:1", "192.0.2.8:1"));
        assertEquals(endpoints("192.0.2.8:1", "192.0.2.7:1"),
                Segment.renewed(before, new NearbyNode(id, "x", endpoints("192.0.2.8:1"))).endpoints());
        assertEquals(endpoints("192.0.2.8:2"),
                Segment.renewed(before, new NearbyNode(id, "x", endpoints("192.0.2.8:2"))).endpoints());
        NearbyNode renewed = before;
        for (int i = 0; i < 20; i++) {
            List<Endpoint> next = endpoints("192.0.2.%d:1".formatted(i));
            renewed = Segment.renewed(renewed, new NearbyNode(id, "x", next));
            assertEquals(next.getFirst(), renewed.endpoints().getFirst());
        }
        assertEquals(8, renewed.endpoints().size());
    }
}
