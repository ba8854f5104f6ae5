package org.myclerk.core.node;

import java.io.IOException;
import java.lang.annotation.Annotation;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

import org.myclerk.api.guard.Guard;
import org.myclerk.api.guard.Rights;
import org.myclerk.api.node.Pairing;
import org.myclerk.api.operation.Bindings;
import org.myclerk.api.operation.OperationTable;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.transport.Endpoint;
import org.myclerk.api.transport.Transport;
import org.myclerk.core.crypto.CryptoProvider;
import org.myclerk.core.dispatch.Dispatcher;
import org.myclerk.core.dispatch.HandlerTable;
import org.myclerk.core.session.Settings;
import org.myclerk.core.trust.Home;
import org.myclerk.core.trust.HomeFamily;
import org.myclerk.core.trust.TrustStore;
import org.myclerk.core.trust.TrustedClock;
import org.myclerk.devices.AuditLog;
import org.myclerk.devices.DeviceGuard;
import org.myclerk.devices.DeviceRegistry;
import org.myclerk.devices.RightsBook;
import org.myclerk.store.SqliteStore;
import org.myclerk.transport.tcp.TcpTransport;

/**
 * A whole node on the class path, put together as a framework does it: {@link NodeComponent}, with the guard,
 * the rights and the audit of {@code devices}.
 */
public final class PlainNode implements AutoCloseable {

    private static final int MANY = 10_000;
    private static final int RATE = 1_000_000;

    private final CryptoProvider crypto = CryptoProvider.auto();
    private final Transport transport;
    private final SqliteStore store;
    private final NodeCore core;
    private final NodeFamily family;
    private final DeviceRegistry registry;
    private final RightsBook rights;
    private final HandlerTable handlers = new HandlerTable();
    private final Endpoint endpoint;

    /** Listens on the loopback address, with limits that a load from one address does not reach. */
    public PlainNode(Path folder) throws IOException {
        this(folder, new TcpTransport(), Endpoint.parse("127.0.0.1:0"));
    }

    /** @param at where it listens */
    public PlainNode(Path folder, Transport transport, Endpoint at) throws IOException {
        this.transport = transport;
        Home home = Home.openOrFound(folder, NodeClock.founding(Optional.of("bench")));
        SecureRandom random = new SecureRandom();
        store = new SqliteStore(home.storeFile());
        AuditLog audit = new AuditLog(store, standard(AuditLog.Config.class));
        rights = new RightsBook(store, audit);
        registry = new DeviceRegistry(standard(DeviceRegistry.Config.class), rights, audit, store);
        Guard guard = new DeviceGuard(rights, registry, audit);
        TrustedClock clock = new TrustedClock(store);
        TrustStore trust = new TrustStore(home, store, clock);
        HomeFamily members = new HomeFamily(home, trust, clock, random);
        Settings standard = Settings.standard(new NodeClock(clock), crypto);
        Settings settings = standard.with(standard.limits().withHandshakes(RATE, RATE)
                .withHalfOpen(MANY, MANY).withSessions(MANY, MANY));
        core = new NodeCore(home, members, trust, store, settings, new Dispatcher(handlers, () -> guard),
                random, List.of(transport), List::of);
        family = new NodeFamily(core, members, settings.clock()::unixSeconds,
                new NodeFamily.Pairer(home, members, settings, core.dialer(), core::transport));
        serve(OperationTable.of("client", 0x0250, 0x025F, Pairing.CLIENT_REGISTER).bind()
                .to(Pairing.CLIENT_REGISTER, (caller, request) -> family.enrol(caller, request.name()))
                .done());
        endpoint = core.listen(at);
        core.start();
    }

    /** The configuration that nothing was changed in. */
    public static <C extends Annotation> C standard(Class<C> type) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type},
                (_, method, _) -> method.getDefaultValue()));
    }

    /** Who may use which device. */
    public Rights rights() {
        return rights;
    }

    public void serve(Bindings bindings) {
        handlers.add(bindings, 0, 0);
    }

    public Endpoint endpoint() {
        return endpoint;
    }

    public String invite(String role) throws Refused {
        return family.invite(role, Duration.ofMinutes(10), List.of(endpoint), Optional.empty());
    }

    @Override
    public void close() {
        core.close();
        if (transport instanceof TcpTransport tcp) {
            tcp.close();
        }
        registry.stop();
        store.close();
        crypto.close();
    }
}
