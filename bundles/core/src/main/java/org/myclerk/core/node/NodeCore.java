package org.myclerk.core.node;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

import org.myclerk.api.client.Peer;
import org.myclerk.api.client.Peer.Subscription;
import org.myclerk.api.node.Family;
import org.myclerk.api.node.Node;
import org.myclerk.api.node.PeerState;
import org.myclerk.api.node.Roles;
import org.myclerk.api.node.SessionListener;
import org.myclerk.api.node.SessionState;
import org.myclerk.api.operation.OpCode;
import org.myclerk.api.operation.OperationTable;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Payload;
import org.myclerk.api.payload.PayloadCodec;
import org.myclerk.api.store.Store;
import org.myclerk.api.transport.Endpoint;
import org.myclerk.api.transport.Link;
import org.myclerk.api.transport.LinkHandler;
import org.myclerk.api.transport.Transport;
import org.myclerk.core.dispatch.Connection;
import org.myclerk.core.dispatch.Dispatcher;
import org.myclerk.core.dispatch.PlaintextGate;
import org.myclerk.core.session.Admission;
import org.myclerk.core.session.CoreOperations;
import org.myclerk.core.session.Credentials;
import org.myclerk.core.session.Ended;
import org.myclerk.core.session.Established;
import org.myclerk.core.session.Identity;
import org.myclerk.core.session.Line;
import org.myclerk.core.session.PlaintextRules;
import org.myclerk.core.session.Session;
import org.myclerk.core.session.Settings;
import org.myclerk.core.session.Ticket;
import org.myclerk.core.session.TicketKeys;
import org.myclerk.core.session.Wish;
import org.myclerk.core.trust.Certificate;
import org.myclerk.core.trust.Home;
import org.myclerk.core.trust.HomeFamily;
import org.myclerk.core.trust.TrustStore;

/**
 * A running node: it listens, keeps one session to every peer it can reach, and knows all that are open. No
 * framework is needed. Thread-safe.
 */
public final class NodeCore implements Node, Connection.Owner, AutoCloseable {

    static final String PEERS = "core.peers";
    static final PayloadCodec<PeerState> PEER = PayloadCodec.of(PeerState.class);

    private static final Logger LOG = System.getLogger("org.myclerk.core");
    private static final int MOST_ADDRESSES = 4;
    private static final Duration GOODBYE = Duration.ofSeconds(2);
    private static final Duration DRAIN = Duration.ofSeconds(5);

    private static final String TICKETS = "org.myclerk.core.tickets";
    private static final String PLACES = "org.myclerk.core.places";

    private final Home home;
    private final HomeFamily family;
    private final TrustStore trust;
    private final Store store;
    private final Settings settings;
    private final Dispatcher dispatcher;
    private final RandomGenerator random;
    private final Map<String, Transport> transports = new ConcurrentHashMap<>();
    private final Supplier<? extends Collection<SessionListener>> listeners;
    private final Admission admission;
    private final TicketKeys tickets;
    private final Credentials credentials;
    private final Dialer dialer;
    private final Map<Bytes, Connection> sessions = new ConcurrentHashMap<>();
    private final Map<Bytes, KnownPeer> peers = new ConcurrentHashMap<>();
    private final List<Consumer<Peer>> onPeer = new CopyOnWriteArrayList<>();
    private final List<Transport.Listener> listening = new CopyOnWriteArrayList<>();
    private final Map<String, String> places = new ConcurrentHashMap<>();
    private final ScheduledExecutorService chores = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("myclerk chores").daemon().factory());
    private volatile boolean closing;
    private volatile long warnedOf = -1;

    /** @param listeners asked each time */
    public NodeCore(Home home, HomeFamily family, TrustStore trust, Store store, Settings settings,
            Dispatcher dispatcher, RandomGenerator random, Collection<Transport> transports,
            Supplier<? extends Collection<SessionListener>> listeners) {
        this.home = home;
        this.family = family;
        this.trust = trust;
        this.store = store;
        this.settings = settings;
        this.dispatcher = dispatcher;
        this.random = random;
        this.listeners = listeners;
        transports.forEach(transport -> this.transports.put(transport.scheme(), transport));
        this.admission = new Admission(settings.limits());
        this.tickets = new TicketKeys(random);
        this.credentials = home.node(trust::ownRevocations);
        this.dialer = new Dialer(settings, dispatcher, random, this);
        trust.onRevocation(_ -> endRevoked());
        for (Store.Entry entry : store.all(PEERS)) {
            try {
                add(PEER.read(Payload.decode(entry.value())));
            } catch (Malformed | Refused damaged) {
                LOG.log(Level.WARNING, "what is stored of peer {0} is damaged and left out", entry.key());
            }
        }
        chores.scheduleAtFixedRate(this::chores, 0, 60, TimeUnit.SECONDS);
    }

    private long now() {
        return settings.clock().unixSeconds();
    }

    private void chores() {
        try {
            family.maintain(System.currentTimeMillis() / 1000);
        } catch (RuntimeException bug) {
            LOG.log(Level.ERROR, "a chore failed", bug);
        }
    }

    /** Listens at an endpoint, where nothing is let in without encryption. */
    public Endpoint listen(Endpoint endpoint) throws IOException {
        return listen(endpoint, PlaintextRules.NONE);
    }

    /**
     * Listens at an endpoint.
     *
     * @param plaintext what is let in there without encryption
     * @throws IOException with a sentence for people
     */
    public Endpoint listen(Endpoint endpoint, PlaintextRules plaintext) throws IOException {
        Transport transport = transport(endpoint);
        String before = places.get(endpoint.toString());
        Transport.Listener listener = transport.listen(before == null ? endpoint : Endpoint.parse(before),
                link -> accept(link, plaintext));
        listening.add(listener);
        places.put(endpoint.toString(), listener.endpoint().toString());
        return listener.endpoint();
    }

    /** Goes on where {@link #handOver} of the version before stopped; before {@link #listen}. */
    @SuppressWarnings("unchecked")
    void takeOver(Map<String, Object> handedOver) {
        if (handedOver.remove(TICKETS) instanceof Map<?, ?> keys) {
            tickets.takeOver((Map<String, Object>) keys);
        }
        if (handedOver.remove(PLACES) instanceof Map<?, ?> known) {
            places.putAll((Map<String, String>) known);
        }
    }

    Transport transport(Endpoint endpoint) throws IOException {
        Transport transport = transports.get(endpoint.scheme());
        if (transport == null) {
            throw new IOException("%s: nothing here speaks %s; install its transport"
                    .formatted(endpoint, endpoint.scheme()));
        }
        return transport;
    }

    /** Begins to look for the peers it knows. */
    public void start() {
        warnIfRevoked();
        peers.values().forEach(KnownPeer::seek);
    }

    @Override
    public LinkHandler accept(Link link) {
        return accept(link, PlaintextRules.NONE);
    }

    private LinkHandler accept(Link link, PlaintextRules plaintext) {
        if (closing) {
            return null;
        }
        PlaintextRules rules = plaintext.from(link.address());
        return rules.isEmpty() ? respond(link)
                : new PlaintextGate(link, dispatcher, settings, rules, admission, random,
                () -> respond(link));
    }

    private Connection respond(Link link) {
        Connection connection = new Connection(link, this, dispatcher, settings.limits().requests(),
                output -> Session.respond(settings, credentials, trust, tickets, admission, link.address(),
                        Line.TCP, random, output, () -> link.execute(link::close)));
        connection.start();
        return connection;
    }

    private Connection dial(Bytes node, Endpoint endpoint) throws IOException, InterruptedException {
        Wish wish = Wish.any(settings).node(node);
        var psk = trust.familyKey();
        return dialer.dial(transport(endpoint), endpoint, credentials, trust,
                psk.isPresent() ? wish.key(psk.get(), false) : wish);
    }

    Dialer dialer() {
        return dialer;
    }

    private KnownPeer add(PeerState state) {
        KnownPeer peer = new KnownPeer(state, this::dial);
        KnownPeer before = peers.putIfAbsent(state.id(), peer);
        return before == null ? peer : before;
    }

    private KnownPeer known(Identity identity) {
        return peers.computeIfAbsent(identity.node(), id -> new KnownPeer(new PeerState(id, identity.name(),
                List.copyOf(identity.roles()), List.of(), false, 0, false), this::dial));
    }

    /** A peer that this node has just joined, and where it was reached; durable on return. */
    void learned(Identity identity, List<Endpoint> endpoints) {
        KnownPeer peer = known(identity);
        endpoints.reversed().forEach(peer::heardOf);
        peer.seen(identity.name(), List.copyOf(identity.roles()), now());
        store.put(PEERS, peer.id().toHex(), PEER.encode(peer.state()).encoded());
        peer.seek();
    }

    /** On the loop, so the store is not waited for. */
    private void save(KnownPeer peer) {
        Bytes encoded = PEER.encode(peer.state()).encoded();
        Thread.ofVirtual().name("save peer").start(() -> store.put(PEERS, peer.id().toHex(), encoded));
    }

    // What connections tell, on their loops.

    @Override
    public void opened(Connection connection) {
        Established session = connection.established();
        sessions.put(session.uid(), connection);
        connection.openedAt(now());
        Identity identity = session.peer();
        LOG.log(Level.DEBUG, () -> "session %s with %s is open".formatted(session.uid().toHex(),
                identity.name()));
        if (session.pairing() || owner(identity)) {
            return;
        }
        KnownPeer peer = known(identity);
        if (peer.seen(identity.name(), List.copyOf(identity.roles()), now())) {
            save(peer);
        }
        peer.seek();
        SessionState state = state(connection);
        for (SessionListener listener : listeners.get()) {
            listener.opened(state, session.resumedFrom());
        }
    }

    private static boolean owner(Identity identity) {
        return identity.roles().contains(Roles.OWNER);
    }

    @Override
    public void confirmed(Connection connection) {
        if (connection.established().pairing()) {
            return;
        }
        KnownPeer peer = known(connection.identity());
        Connection main = peer.main();
        if (main != null && main != connection && !wins(connection)) {
            connection.close("there is a session already");
            return;
        }
        use(peer, connection);
        onPeer.forEach(task -> task.accept(connection.peer()));
    }

    /** Of two sessions between two nodes the one stays that the node with the smaller id started. */
    private boolean wins(Connection connection) {
        boolean ownIsSmaller = id().toHex().compareTo(connection.identity().node().toHex()) < 0;
        return connection.established().initiator() == ownIsSmaller;
    }

    private static void use(KnownPeer peer, Connection connection) {
        Connection before = peer.main();
        peer.main(connection);
        if (before != null && before != connection) {
            before.close("there is another session");
        }
    }

    @Override
    public void serves(Bytes session) {
        Connection connection = sessions.get(session);
        if (connection == null || connection.established().initiator()) {
            return;
        }
        KnownPeer peer = known(connection.identity());
        Connection main = peer.main();
        if (main == null || main != connection && wins(connection)) {
            use(peer, connection);
        } else if (main != connection) {
            connection.close("there is a session already");
        }
    }

    @Override
    public void ticket(Connection connection, Ticket ticket) {
        // The dialer keeps it.
    }

    @Override
    public void ended(Connection connection, Ended ended) {
        Established session = connection.established();
        if (session == null) {
            LOG.log(Level.DEBUG, () -> "no session with %s: %s".formatted(connection.link().remote(),
                    ended.reason()));
            return;
        }
        LOG.log(Level.DEBUG, () -> "session %s with %s ended: %s".formatted(session.uid().toHex(),
                session.peer().name(), ended.reason()));
        sessions.remove(session.uid());
        if (session.pairing() || owner(session.peer())) {
            return;
        }
        known(session.peer()).ended(connection);
        SessionState state = state(connection);
        for (SessionListener listener : listeners.get()) {
            listener.ended(state);
        }
    }

    @Override
    public boolean held(Connection connection) {
        KnownPeer peer = peers.get(connection.identity().node());
        return peer != null && peer.main() == connection
                || listeners.get().stream().anyMatch(listener -> listener.holds(connection.uid()));
    }

    private void warnIfRevoked() {
        Certificate own = home.certificate();
        if (trust.revoked(own.family(), own.serial()) && warnedOf != own.serial()) {
            warnedOf = own.serial();
            LOG.log(Level.WARNING,
                    "the certificate of this node, {0}, was revoked: nobody in the family talks to it; "
                    + "to come back it needs a new invitation (myclerk join)", own.name());
        }
    }

    private void endRevoked() {
        warnIfRevoked();
        for (Connection connection : sessions.values()) {
            if (!connection.established().pairing() && !trust.stillValid(connection.identity(), now())) {
                connection.revoke("the certificate was revoked");
            }
        }
        for (Family.Member member : family.state().members()) {
            KnownPeer peer = peers.get(member.id());
            if (peer != null && member.revoked()) {
                peer.revoked(true);
                save(peer);
            }
        }
    }

    // What others ask.

    @Override
    public Bytes id() {
        return home.certificate().node();
    }

    @Override
    public String name() {
        return home.certificate().name();
    }

    @Override
    public Path home() {
        return home.folder();
    }

    @Override
    public List<Endpoint> listening() {
        return listening.stream().map(Transport.Listener::endpoint).toList();
    }

    /** Where others may reach this node: a wildcard address stands for the machine's own. */
    List<Endpoint> reachable() {
        List<Endpoint> reachable = new ArrayList<>();
        for (Endpoint endpoint : listening()) {
            if (wildcard(endpoint.host())) {
                addresses()
                        .forEach(host -> reachable.add(new Endpoint(endpoint.scheme(), host,
                        endpoint.port())));
            } else {
                reachable.add(endpoint);
            }
        }
        return reachable;
    }

    static boolean wildcard(String host) {
        return host.equals("0.0.0.0") || host.equals("::") || host.equals("0:0:0:0:0:0:0:0");
    }

    private static List<String> addresses() {
        List<String> found = new ArrayList<>();
        try {
            for (NetworkInterface network : NetworkInterface.networkInterfaces().toList()) {
                if (!network.isUp() || network.isLoopback()) {
                    continue;
                }
                for (InterfaceAddress address : network.getInterfaceAddresses()) {
                    InetAddress each = address.getAddress();
                    if (!each.isLinkLocalAddress() && found.size() < MOST_ADDRESSES) {
                        found.add(each.getHostAddress().replaceFirst("%.*", ""));
                    }
                }
            }
        } catch (SocketException unknown) {
            LOG.log(Level.DEBUG, "the network interfaces cannot be listed: {0}", unknown.getMessage());
        }
        return found.isEmpty() ? List.of("127.0.0.1") : found;
    }

    @Override
    public List<OperationTable> tables() {
        List<OperationTable> tables = new ArrayList<>();
        tables.add(CoreOperations.TABLE);
        tables.addAll(dispatcher.table().tables());
        return tables;
    }

    @Override
    public boolean isServed(OpCode code) {
        return CoreOperations.TABLE.row(code) != null || dispatcher.table().serves(code);
    }

    @Override
    public List<PeerState> peers() {
        return peers.values().stream().map(KnownPeer::state)
                .sorted(Comparator.comparing(PeerState::name)).toList();
    }

    @Override
    public Peer peer(String nameOrId) throws Refused, IOException, InterruptedException {
        KnownPeer found = peers.get(known(nameOrId).id());
        found.connection(Peer.CallOptions.USUAL.timeout());
        return found.peer();
    }

    @Override
    public void heardOf(Bytes nodeId, Endpoint endpoint) {
        KnownPeer peer = peers.get(nodeId);
        if (peer != null && !nodeId.equals(id()) && peer.heardOf(endpoint)) {
            save(peer);
        }
    }

    @Override
    public List<SessionState> sessions() {
        return sessions.values().stream().map(this::state)
                .sorted(Comparator.comparingLong(SessionState::since)).toList();
    }

    private SessionState state(Connection connection) {
        Established session = connection.established();
        Identity peer = session.peer();
        return new SessionState(session.uid(), peer.node(), peer.name(), List.copyOf(peer.roles()),
                connection.link().remote().toString(), session.initiator(), session.tier().number(),
                connection.generation(), connection.openedAt(), session.resumed());
    }

    private Connection session(Bytes uid) throws Refused {
        Connection connection = sessions.get(uid);
        if (connection == null) {
            throw Refused.notFound("no session %s is open".formatted(uid.toHex()));
        }
        return connection;
    }

    /** Who is at the other end of a session. */
    Identity identityOf(Bytes session) throws Refused {
        return session(session).identity();
    }

    @Override
    public void close(Bytes session, String reason) throws Refused {
        session(session).close(reason);
    }

    @Override
    public void rotate(Bytes session) throws Refused, IOException, InterruptedException {
        try {
            session(session).rotate().get(30, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException failed) {
            throw new IOException("the session did not get new keys: " + failed.getMessage());
        }
    }

    @Override
    public void revoke(Bytes session) throws Refused {
        session(session).revoke("revoked by an administrator");
    }

    @Override
    public Subscription onPeer(Consumer<Peer> task) {
        onPeer.add(task);
        for (KnownPeer peer : peers.values()) {
            Connection main = peer.main();
            if (main != null && main.established().initiator()) {
                task.accept(main.peer());
            }
        }
        return () -> onPeer.remove(task);
    }

    Store store() {
        return store;
    }

    /** Closes all sessions in order and stops listening. */
    @Override
    public void close() {
        end(connection -> connection.close("the node stops"), GOODBYE);
        tickets.erase();
        try {
            Files.deleteIfExists(RunFile.in(home.folder()));
        } catch (IOException kept) {
            LOG.log(Level.DEBUG, "the run file stays: {0}", kept.getMessage());
        }
    }

    /**
     * Gives way to the next version (decision 56): stops listening, lets requests under way come to their
     * end, closes all sessions so that the peers come back, and puts what that takes into the map.
     */
    void handOver(Map<String, Object> next) {
        end(connection -> connection.drain(DRAIN), DRAIN.plus(GOODBYE));
        next.put(TICKETS, tickets.handOver());
        tickets.erase();
        next.put(PLACES, Map.copyOf(places));
    }

    private void end(Consumer<Connection> goodbye, Duration patience) {
        closing = true;
        listening.forEach(Transport.Listener::close);
        peers.values().forEach(KnownPeer::stop);
        CountDownLatch open = new CountDownLatch(sessions.size());
        for (Connection connection : sessions.values()) {
            connection.onEnd(open::countDown);
            goodbye.accept(connection);
        }
        try {
            if (!open.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.log(Level.DEBUG, "{0} sessions did not say goodbye", open.getCount());
            }
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
        }
        chores.shutdownNow();
        trust.flush();
    }
}
