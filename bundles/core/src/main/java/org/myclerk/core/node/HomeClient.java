package org.myclerk.core.node;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.myclerk.api.client.Client;
import org.myclerk.api.client.Peer;
import org.myclerk.api.client.Peer.CallOptions;
import org.myclerk.api.node.Family;
import org.myclerk.api.node.PeerState;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Payload;
import org.myclerk.api.store.Store;
import org.myclerk.api.store.StoreException;
import org.myclerk.api.transport.Endpoint;
import org.myclerk.api.transport.Transport;
import org.myclerk.core.crypto.CryptoProvider;
import org.myclerk.core.dispatch.AdministratorsOnly;
import org.myclerk.core.dispatch.Connection;
import org.myclerk.core.dispatch.Dispatcher;
import org.myclerk.core.dispatch.HandlerTable;
import org.myclerk.core.session.Credentials;
import org.myclerk.core.session.Ended;
import org.myclerk.core.session.Settings;
import org.myclerk.core.session.Ticket;
import org.myclerk.core.trust.Home;
import org.myclerk.core.trust.HomeFamily;
import org.myclerk.core.trust.TrustStore;
import org.myclerk.core.trust.TrustedClock;

/** Calls nodes with the identities of a home; serves nothing. Thread-safe. */
public final class HomeClient implements Client, Connection.Owner {

    /** How long a node that is upgraded may take to be reachable again, and how often one looks. */
    private static final Duration COMES_BACK = Duration.ofSeconds(10);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

    private final Home home;
    private final Store store;
    private final TrustStore trust;
    private final HomeFamily family;
    private final Settings settings;
    private final Dialer dialer;
    private final Set<Connection> open = ConcurrentHashMap.newKeySet();
    private final Map<String, Transport> transports = new HashMap<>();

    private HomeClient(Home home, Store store) {
        SecureRandom random = new SecureRandom();
        this.home = home;
        this.store = store;
        TrustedClock clock = new TrustedClock(store);
        this.trust = new TrustStore(home, store, clock);
        this.family = new HomeFamily(home, trust, clock, random);
        this.settings = Settings.standard(new NodeClock(clock), CryptoProvider.auto());
        this.dialer = new Dialer(settings, new Dispatcher(new HandlerTable(), AdministratorsOnly::new),
                random, this);
    }

    /** Found by {@link Client#open}. */
    public static final class Provider implements Client.Provider {

        @Override
        public Client open(Path folder) throws IOException {
            Home home = Home.open(folder);
            return new HomeClient(home, RunFile.read(folder).isPresent() ? new MemoryStore() : stored(home));
        }

        @Override
        public Family.State join(Path folder, String invitation, Optional<String> name)
                throws Refused, IOException, InterruptedException {
            if (RunFile.read(folder).isPresent()) {
                throw new IOException("the node of %s runs; it can join itself".formatted(folder));
            }
            Home home = Home.openOrFound(folder, NodeClock.founding(name));
            try (HomeClient client = new HomeClient(home, stored(home))) {
                return client.join(invitation, name);
            }
        }

        private static Store stored(Home home) throws IOException {
            Store.Provider provider = ServiceLoader.load(Store.Provider.class,
                    Store.Provider.class.getClassLoader())
                    .findFirst()
                    .orElseThrow(() -> new IOException("org.myclerk.store is not on the class path"));
            try {
                return provider.open(home.storeFile());
            } catch (StoreException failed) {
                throw new IOException(failed.getMessage(), failed);
            }
        }
    }

    private Family.State join(String invitation, Optional<String> name)
            throws Refused, IOException, InterruptedException {
        NodeFamily.Pairer pairer = new NodeFamily.Pairer(home, family, settings, dialer, this::transport);
        NodeFamily.Pairer.Joined joined = pairer.join(invitation, name, settings.clock().unixSeconds());
        PeerState state = new PeerState(joined.inviter().node(), joined.inviter().name(),
                List.copyOf(joined.inviter().roles()), joined.endpoints().stream().map(Endpoint::toString)
                .toList(),
                false, settings.clock().unixSeconds(), false);
        store.put(NodeCore.PEERS, state.id().toHex(), NodeCore.PEER.encode(state).encoded());
        trust.flush();
        return family.state();
    }

    /** One transport of each scheme for the life of the client: it owns threads. */
    private synchronized Transport transport(Endpoint endpoint) throws IOException {
        Transport known = transports.get(endpoint.scheme());
        if (known != null) {
            return known;
        }
        Transport made = ServiceLoader.load(Transport.class, Transport.class.getClassLoader()).stream()
                .map(ServiceLoader.Provider::get).filter(each -> each.scheme().equals(endpoint.scheme()))
                .findFirst()
                .orElseThrow(() -> new IOException("%s: nothing here speaks %s".formatted(endpoint,
                        endpoint.scheme())));
        transports.put(endpoint.scheme(), made);
        return made;
    }

    @Override
    public boolean running() {
        return RunFile.read(home.folder()).isPresent();
    }

    @Override
    public Peer own() throws IOException, InterruptedException {
        Endpoint endpoint = RunFile.read(home.folder()).orElseThrow(() -> new IOException(
                "the node of %s does not run; start it with \"myclerk up\"".formatted(home.folder())));
        org.myclerk.core.session.Wish wish = org.myclerk.core.session.Wish.any(settings)
                .node(home.certificate().node());
        return reached(transport(endpoint), endpoint, home.operator(), wish);
    }

    @Override
    public List<PeerState> knownPeers() throws IOException {
        List<PeerState> peers = new ArrayList<>();
        for (Store.Entry entry : store.all(NodeCore.PEERS)) {
            try {
                PeerState state = NodeCore.PEER.read(Payload.decode(entry.value()));
                peers.add(new PeerState(state.id(), state.name(), state.roles(), state.endpoints(), false,
                        state.lastSeen(), state.revoked()));
            } catch (Malformed | Refused damaged) {
                throw new IOException("what is stored of peer %s is damaged".formatted(entry.key()));
            }
        }
        return peers;
    }

    @Override
    public Peer connect(Transport transport, Endpoint endpoint, Client.Wish wish)
            throws IOException, InterruptedException {
        org.myclerk.core.session.Wish wanted = org.myclerk.core.session.Wish.any(settings)
                .tiers(wish.tier(), wish.least());
        if (wish.node().isPresent()) {
            wanted = wanted.node(wish.node().get());
        }
        if (trust.familyKey().isPresent()) {
            wanted = wanted.key(trust.familyKey().get(), false);
        }
        return reached(transport, endpoint, home.node(trust::ownRevocations), wanted);
    }

    @Override
    public Peer connect(Endpoint endpoint, Client.Wish wish) throws IOException, InterruptedException {
        return connect(transport(endpoint), endpoint, wish);
    }

    private Peer reached(Transport transport, Endpoint endpoint, Credentials credentials,
                org.myclerk.core.session.Wish wish)
            throws IOException, InterruptedException {
        Reached reached = new Reached(transport, endpoint, credentials, wish);
        reached.connection(CallOptions.USUAL.timeout());
        return reached.peer;
    }

    /** A peer at a known place: reconnects when it is used after its session ended. */
    private final class Reached implements StablePeer.Source {

        private final Transport transport;
        private final Endpoint endpoint;
        private final Credentials credentials;
        private final org.myclerk.core.session.Wish wish;
        private final boolean ownNode;
        private final StablePeer peer = new StablePeer(this);
        private volatile Connection current;
        private boolean closed;

        Reached(Transport transport, Endpoint endpoint, Credentials credentials,
                org.myclerk.core.session.Wish wish) {
            this.transport = transport;
            this.endpoint = endpoint;
            this.credentials = credentials;
            this.wish = wish;
            this.ownNode = wish.expectedNode().equals(Optional.of(home.certificate().node()));
        }

        @Override
        public synchronized Connection connection(Duration patience)
                throws IOException, InterruptedException {
            long end = System.nanoTime() + Math.min(patience.toNanos(), COMES_BACK.toNanos());
            while (current == null || !current.open()) {
                if (closed) {
                    throw new IOException("the session to %s was closed".formatted(endpoint));
                }
                try {
                    current = dialer.dial(transport, endpoint, credentials, trust, wish);
                    peer.moved(current);
                } catch (Dialer.Unreachable failed) {
                    if (!comesBack() || System.nanoTime() > end) {
                        throw failed;
                    }
                    wait(LOOK_AGAIN.toMillis());
                }
            }
            return current;
        }

        /** Whether a node that cannot be reached is only being upgraded. */
        private boolean comesBack() {
            return current == null ? ownNode && running() : current.endedForUpgrade();
        }

        @Override
        public Connection last() {
            return current;
        }

        @Override
        public synchronized void close(String reason) {
            closed = true;
            notifyAll();
            if (current != null) {
                current.close(reason);
            }
        }
    }

    @Override
    public void opened(Connection connection) {
        open.add(connection);
    }

    @Override
    public void confirmed(Connection connection) {
        // The dialer hands it to whoever waits.
    }

    @Override
    public void ticket(Connection connection, Ticket ticket) {
        // The dialer keeps it.
    }

    @Override
    public void ended(Connection connection, Ended ended) {
        open.remove(connection);
    }

    @Override
    public boolean held(Connection connection) {
        return true;
    }

    @Override
    public void close() {
        for (Connection connection : open) {
            CountDownLatch gone = new CountDownLatch(1);
            connection.onEnd(gone::countDown);
            connection.close("done");
            try {
                gone.await(1, TimeUnit.SECONDS);
            } catch (InterruptedException hurried) {
                Thread.currentThread().interrupt();
            }
        }
        synchronized (this) {
            transports.values().forEach(HomeClient::release);
            transports.clear();
        }
        settings.crypto().close();
        release(store);
    }

    private static void release(Object held) {
        if (held instanceof AutoCloseable closeable) {
            try {
                closeable.close();
            } catch (Exception failed) {
                System.getLogger("org.myclerk.core").log(System.Logger.Level.WARNING, "%s did not close"
                        .formatted(held.getClass().getName()), failed);
            }
        }
    }
}
