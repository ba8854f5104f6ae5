package org.myclerk.core.node;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.myclerk.api.guard.Guard;
import org.myclerk.api.node.Pairing;
import org.myclerk.api.node.SessionListener;
import org.myclerk.api.operation.Bindings;
import org.myclerk.api.operation.OperationTable;
import org.myclerk.api.transport.Endpoint;
import org.myclerk.core.crypto.Wired;
import org.myclerk.core.dispatch.AdministratorsOnly;
import org.myclerk.core.dispatch.Dispatcher;
import org.myclerk.core.dispatch.HandlerTable;
import org.myclerk.core.session.PlaintextRules;
import org.myclerk.core.session.Settings;
import org.myclerk.core.trust.Home;
import org.myclerk.core.trust.HomeFamily;
import org.myclerk.core.trust.TrustStore;
import org.myclerk.core.trust.TrustedClock;
import org.myclerk.transport.tcp.TcpTransport;

/** A whole node on loopback, without a framework: it serves pairing and what a test adds. */
final class TestNode implements AutoCloseable {

    private static final String SERVED = "served";

    final Path home;
    final NodeCore core;
    final NodeFamily family;
    final HandlerTable handlers = new HandlerTable();
    final Set<SessionListener> listeners = ConcurrentHashMap.newKeySet();
    final Endpoint endpoint;
    final Dispatcher dispatcher;
    volatile Guard guard = new AdministratorsOnly();
    private final MemoryStore store;
    private final TcpTransport tcp = new TcpTransport();

    TestNode(Path folder, String name) throws Exception {
        this(folder, name, new MemoryStore(), Endpoint.parse("127.0.0.1:0"));
    }

    TestNode(Path folder, String name, MemoryStore store, Endpoint at) throws Exception {
        this(folder, name, store, at, Map.of(), PlaintextRules.NONE);
    }

    TestNode(Path folder, String name, PlaintextRules plaintext) throws Exception {
        this(folder, name, new MemoryStore(), Endpoint.parse("127.0.0.1:0"), Map.of(), plaintext);
    }

    private TestNode(Path folder, String name, MemoryStore store, Endpoint at, Map<String, Object> handedOver,
            PlaintextRules plaintext) throws Exception {
        this.store = store;
        home = folder;
        Home opened = Home.openOrFound(folder, NodeClock.founding(Optional.of(name)));
        SecureRandom random = new SecureRandom();
        TrustedClock clock = new TrustedClock(store);
        TrustStore trust = new TrustStore(opened, store, clock);
        HomeFamily members = new HomeFamily(opened, trust, clock, random);
        Settings standard = Settings.standard(new NodeClock(clock), Wired.OTHER);
        Settings settings = standard.with(standard.limits().withHandshakes(10_000, 10_000));
        dispatcher = new Dispatcher(handlers, () -> guard);
        core = new NodeCore(opened, members, trust, store, settings,
                dispatcher, random, List.of(tcp), () -> listeners);
        if (handedOver.get(SERVED) instanceof List<?> codes) {
            handlers.replacing(true, codes.stream().map(Integer.class::cast).toList());
        }
        core.takeOver(new HashMap<>(handedOver));
        family = new NodeFamily(core, members, settings.clock()::unixSeconds,
                new NodeFamily.Pairer(opened, members, settings, core.dialer(), core::transport));
        serve(OperationTable.of("client", 0x0250, 0x025F, Pairing.CLIENT_REGISTER).bind()
                .to(Pairing.CLIENT_REGISTER, (caller, request) -> family.enrol(caller, request.name()))
                .done());
        endpoint = core.listen(at, plaintext.on(at));
        RunFile.write(folder, endpoint);
        core.start();
    }

    /** Another version of the node takes its place; it waits for what this one served. */
    TestNode replaced() throws Exception {
        Map<String, Object> handedOver = new HashMap<>();
        core.handOver(handedOver);
        tcp.close();
        handedOver.put(SERVED, List.copyOf(handlers.codes()));
        return new TestNode(home, "unused", store, Endpoint.parse("127.0.0.1:0"), handedOver,
                PlaintextRules.NONE);
    }

    HandlerTable.Slot serve(Bindings bindings) {
        return handlers.add(bindings, 0, 0);
    }

    @Override
    public void close() {
        core.close();
        tcp.close();
    }
}
