package org.myclerk.core.node;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.myclerk.api.node.Family;
import org.myclerk.api.node.Node;
import org.myclerk.api.node.SessionListener;
import org.myclerk.api.store.Store;
import org.myclerk.api.transport.Endpoint;
import org.myclerk.api.transport.Transport;
import org.myclerk.core.crypto.CryptoProvider;
import org.myclerk.core.session.PlaintextRules;
import org.myclerk.core.session.Settings;
import org.myclerk.core.trust.Home;
import org.myclerk.core.trust.HomeFamily;
import org.myclerk.core.trust.TrustStore;
import org.myclerk.core.trust.TrustedClock;
import org.osgi.annotation.bundle.Capability;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;

/** The node in a framework: starts once it is configured, and says where it listens or why it cannot. */
@Component(service = {}, immediate = true, configurationPid = "org.myclerk.core.node",
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Capability(namespace = "osgi.service", attribute =
        "objectClass:List<String>=\"org.myclerk.api.node.Node,org.myclerk.api.node.Family\"")
@Designate(ocd = NodeComponent.Configuration.class)
public final class NodeComponent {

    /** The node's configuration. */
    @ObjectClassDefinition(name = "Node")
    @interface Configuration {

        /** The folder with its keys and its state. */
        String home();

        /** Where it listens. */
        @AttributeDefinition(description = "Where it listens, HOST:PORT")
        String[] listen() default {"[::]:5657"};

        /** Its name when a family is founded; the host's if empty. */
        @AttributeDefinition(description = "Its name when a family is founded; the host's if empty")
        String name() default "";

        /** Open sessions at the most (profile §18). */
        @AttributeDefinition(min = "1", max = "1000000", description = "Open sessions at the most")
        int sessions() default 4096;

        /** Open sessions of one node at the most. */
        @AttributeDefinition(min = "1", max = "100000", description = "Open sessions of one node at the most")
        int sessionsPerNode() default 16;

        /** New handshakes a second, in all. */
        @AttributeDefinition(min = "1", max = "1000000", description = "New handshakes a second, in all")
        int handshakesPerSecond() default 200;

        /** New handshakes a second, per address. */
        @AttributeDefinition(min = "1", max = "1000000", description = "New handshakes a second, per address")
        int handshakesPerSecondAndAddress() default 20;

        /** Handshakes under way, in all. */
        @AttributeDefinition(min = "1", max = "1000000", description = "Handshakes under way, in all")
        int halfOpen() default 256;

        /** Handshakes under way, per address. */
        @AttributeDefinition(min = "1", max = "1000000", description = "Handshakes under way, per address")
        int halfOpenPerAddress() default 16;

        /** Whose code encrypts. */
        @AttributeDefinition(options = {@Option("auto"), @Option("jdk"), @Option("libcrypto")},
                description = "Whose code encrypts: the JDK's, OpenSSL's, or whichever is there and faster")
        String crypto() default "auto";

        /** What is let in without encryption, such as {@code 0x0624 from 192.168.7.0/24 at 5/s}. */
        String[] plaintext() default {};
    }

    private static final Logger LOG = System.getLogger("org.myclerk.core");

    private final Set<SessionListener> listeners = ConcurrentHashMap.newKeySet();
    private final List<ServiceRegistration<?>> registrations = new ArrayList<>();
    private final HandlerRegistry handlers;
    private NodeCore node;
    private CryptoProvider crypto;

    @Activate
    public NodeComponent(BundleContext context, Configuration configuration,
            @Reference HandlerRegistry handlers,
            @Reference Store store,
            @Reference(cardinality = ReferenceCardinality.AT_LEAST_ONE) List<Transport> transports) {
        this.handlers = handlers;
        try {
            start(context, configuration, store, transports);
        } catch (IOException | IllegalArgumentException failed) {
            failed(context, failed.getMessage());
        }
    }

    private void start(BundleContext context, Configuration configuration, Store store,
            List<Transport> transports)
            throws IOException {
        crypto = provider(configuration.crypto());
        if (!configuration.crypto().equals("auto")) {
            LOG.log(Level.INFO, "{0} encrypts", crypto.name());
        }
        PlaintextRules plaintext = PlaintextRules.parse(List.of(configuration.plaintext()));
        Path folder = Path.of(configuration.home());
        Home home = Home.openOrFound(folder, NodeClock.founding(
                Optional.of(configuration.name()).filter(name -> !name.isBlank())));
        SecureRandom random = new SecureRandom();
        TrustedClock clock = new TrustedClock(store);
        TrustStore trust = new TrustStore(home, store, clock);
        HomeFamily family = new HomeFamily(home, trust, clock, random);
        Settings standard = Settings.standard(new NodeClock(clock), crypto);
        Settings settings = standard.with(standard.limits()
                .withSessions(configuration.sessions(), configuration.sessionsPerNode())
                .withHandshakes(configuration.handshakesPerSecond(),
                configuration.handshakesPerSecondAndAddress())
                .withHalfOpen(configuration.halfOpen(), configuration.halfOpenPerAddress()));
        node = new NodeCore(home, family, trust, store, settings, handlers.dispatcher(), random, transports,
                () -> listeners);
        handlers.handedOver().ifPresent(node::takeOver);
        NodeFamily service = new NodeFamily(node, family, settings.clock()::unixSeconds,
                new NodeFamily.Pairer(home, family, settings, node.dialer(), node::transport));
        ServiceRegistration<?> registration = context.registerService(Node.class, node, null);
        registrations.add(registration);
        registrations.add(context.registerService(Family.class, service, null));
        List<String> listening = new ArrayList<>();
        for (String each : configuration.listen()) {
            Endpoint at = Endpoint.parse(each);
            Endpoint endpoint = node.listen(at, plaintext.on(at));
            if (listening.isEmpty()) {
                RunFile.write(folder, endpoint);
            }
            listening.add(endpoint.scheme() + " " + endpoint);
        }
        node.start();
        Dictionary<String, Object> properties = new Hashtable<>(Map.of(Node.LISTENING,
                listening.toArray(String[]::new)));
        registration.setProperties(properties);
    }

    private static CryptoProvider provider(String setting) throws IOException {
        try {
            return CryptoProvider.of(setting);
        } catch (IOException missing) {
            throw new IOException("core.node.crypto=%s: %s; install OpenSSL 3, or set it to auto".formatted(
                    setting, missing.getMessage()), missing);
        } catch (IllegalArgumentException none) {
            throw new IOException("core.node.crypto=%s: %s".formatted(setting, none.getMessage()), none);
        }
    }

    private void failed(BundleContext context, String reason) {
        stop();
        registrations.add(context.registerService(Object.class, new Object(),
                new Hashtable<>(Map.of(Node.FAILED, reason))));
    }

    private void stop() {
        registrations.reversed().forEach(ServiceRegistration::unregister);
        registrations.clear();
        if (node != null) {
            handlers.handedOver().ifPresentOrElse(node::handOver, node::close);
            node = null;
        }
        if (crypto != null) {
            crypto.close();
            crypto = null;
        }
    }

    @Deactivate
    void deactivate() {
        stop();
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void bindListener(SessionListener listener) {
        listeners.add(listener);
    }

    void unbindListener(SessionListener listener) {
        listeners.remove(listener);
    }
}
