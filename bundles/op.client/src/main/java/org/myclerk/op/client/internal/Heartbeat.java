package org.myclerk.op.client.internal;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

import org.myclerk.api.client.Peer;
import org.myclerk.api.client.Peer.Subscription;
import org.myclerk.api.node.Family;
import org.myclerk.api.node.Node;
import org.myclerk.api.node.Pairing;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.op.client.ClientOperations;
import org.myclerk.op.client.Contact;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * Tells every peer, as soon as a session to it is open and every 30 s from then on, where this node listens
 * (CLIENT_HEARTBEAT), and asks it for a new certificate when that is due (CLIENT_REGISTER, profile §10).
 *
 * <p>One virtual thread for each open session.
 */
@Component(immediate = true)
public final class Heartbeat {

    static final Duration PERIOD = Duration.ofSeconds(30);

    private static final Logger LOG = System.getLogger("org.myclerk.op.client");

    private final Node node;
    private final Family family;
    private final Duration period;
    private final Supplier<List<InetAddress>> addresses;
    private final ExecutorService threads =
            Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("heartbeat-", 0).factory());
    private final ReentrantLock renewal = new ReentrantLock();
    private final Subscription peers;

    @Activate
    public Heartbeat(@Reference Node node, @Reference Family family) {
        this(node, family, PERIOD, OwnAddresses::ofMachine);
    }

    Heartbeat(Node node, Family family, Duration period, Supplier<List<InetAddress>> addresses) {
        this.node = node;
        this.family = family;
        this.period = period;
        this.addresses = addresses;
        this.peers = node.onPeer(this::opened);
    }

    @Deactivate
    void close() {
        peers.close();
        threads.shutdownNow();
    }

    private void opened(Peer peer) {
        CountDownLatch ended = new CountDownLatch(1);
        peer.onEnd(ended::countDown);
        try {
            threads.execute(() -> beat(peer, ended));
        } catch (RejectedExecutionException stopped) {
            LOG.log(Level.DEBUG, "no heartbeat to {0}, this bundle stops", peer.name());
        }
    }

    private void beat(Peer peer, CountDownLatch ended) {
        try {
            do {
                tell(peer);
                renew(peer);
            } while (!ended.await(period.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException stopped) {
            LOG.log(Level.DEBUG, "the heartbeat to {0} stops", peer.name());
        }
    }

    private void tell(Peer peer) throws InterruptedException {
        if (!peer.connected()) {
            return;
        }
        try {
            peer.call(ClientOperations.CLIENT_HEARTBEAT,
                    new Contact(OwnAddresses.of(node.listening(), addresses.get(), Contact.MOST_ENDPOINTS)));
        } catch (Refused | IOException failed) {
            LOG.log(Level.DEBUG, "heartbeat to {0}: {1}", peer.name(), failed.getMessage());
        }
    }

    private void renew(Peer peer) throws InterruptedException {
        if (!peer.connected() || !renewal.tryLock()) {
            return;
        }
        try {
            if (family.renewalDue()) {
                family.renewed(peer.call(Pairing.CLIENT_REGISTER,
                        new Pairing.Registration(Optional.empty())));
                LOG.log(Level.INFO, "{0} renewed the certificate of this node", peer.name());
            }
        } catch (Refused | IOException failed) {
            LOG.log(Level.DEBUG, "no new certificate from {0}: {1}", peer.name(), failed.getMessage());
        } finally {
            renewal.unlock();
        }
    }
}
