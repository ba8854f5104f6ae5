package org.myclerk.op.client.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.myclerk.api.transport.Endpoint;
import org.myclerk.testing.TestFamily;
import org.myclerk.testing.TestNode;

@Timeout(20)
class HeartbeatTest {

    private static final List<InetAddress> MACHINE =
            List.of(InetAddress.ofLiteral("192.0.2.7"), InetAddress.ofLiteral("2001:db8::7"));
    private static final String HERE = "[192.0.2.7:5657, [2001:db8:0:0:0:0:0:7]:5657]";

    private final TestNode node = new TestNode();
    private final TestFamily family = new TestFamily();
    private Heartbeat heartbeat;

    private void start(Duration period) {
        heartbeat = new Heartbeat(node, family, period, () -> MACHINE);
    }

    @AfterEach
    void stop() {
        heartbeat.close();
    }

    @Test
    void tellsAPeerAtOnceWhereTheNodeListens() throws InterruptedException {
        start(Duration.ofHours(1));
        TestPeer peer = new TestPeer(false);
        node.onPeer.accept(peer);
        assertEquals(HERE, peer.told.take());
    }

    @Test
    void goesOnEvenIfThePeerRefuses() throws InterruptedException {
        start(Duration.ofMillis(1));
        TestPeer peer = new TestPeer(true);
        node.onPeer.accept(peer);
        for (int i = 0; i < 3; i++) {
            assertEquals(HERE, peer.told.take());
        }
    }

    @Test
    void endsWithTheSession() throws InterruptedException {
        start(Duration.ofMillis(1));
        TestPeer peer = new TestPeer(false);
        node.onPeer.accept(peer);
        peer.told.take();
        peer.endSession();
        long calls = peer.told.size();
        TestPeer other = new TestPeer(false);
        node.onPeer.accept(other);
        for (int i = 0; i < 10; i++) {
            other.told.take();
        }
        assertTrue(peer.told.size() <= calls + 1, "it was still called after its session had ended");
    }

    @Test
    void renewsTheCertificateWhenItIsDue() throws InterruptedException {
        start(Duration.ofHours(1));
        family.renewalDue = true;
        TestPeer peer = new TestPeer(false);
        node.onPeer.accept(peer);
        assertEquals("renewed c0ffee", family.asked.take());
        assertEquals(List.of(HERE, "CLIENT_REGISTER"), List.copyOf(peer.told));
    }

    @Test
    void asksTheNextPeerIfOneDoesNotCertify() throws InterruptedException {
        start(Duration.ofHours(1));
        family.renewalDue = true;
        TestPeer without = new TestPeer(true);
        node.onPeer.accept(without);
        assertEquals(HERE, without.told.take());
        assertEquals("CLIENT_REGISTER", without.told.take());
        heartbeat.close();
        start(Duration.ofMillis(1));
        node.onPeer.accept(new TestPeer(false));
        assertEquals("renewed c0ffee", family.asked.take());
    }

    @Test
    void stopsWithTheBundle() throws InterruptedException {
        start(Duration.ofHours(1));
        heartbeat.close();
        assertEquals("no more peers", node.asked.take());
        TestPeer late = new TestPeer(false);
        node.onPeer.accept(late);
        assertNull(late.told.peek());
    }

    @Test
    void namesTheMachinesAddressesOnceAndNoMoreThanFit() {
        start(Duration.ofHours(1));
        assertEquals(List.of("192.0.2.7:5657"), OwnAddresses.of(List.of(new Endpoint("tcp", "0.0.0.0", 5657),
                new Endpoint("tcp", "192.0.2.7", 5657)), MACHINE, 8));
        assertEquals(List.of("attic.example:1"),
                OwnAddresses.of(List.of(new Endpoint("tcp", "attic.example", 1),
                new Endpoint("tcp", "::", 5657)), MACHINE, 1));
    }
}
