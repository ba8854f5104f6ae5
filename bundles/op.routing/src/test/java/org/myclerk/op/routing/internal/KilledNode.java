package org.myclerk.op.routing.internal;

import java.lang.annotation.Annotation;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import org.myclerk.api.device.Device;
import org.myclerk.api.device.DeviceInfo;
import org.myclerk.api.device.DeviceSink;
import org.myclerk.api.device.DeviceSource;
import org.myclerk.api.guard.AccessMode;
import org.myclerk.api.guard.Grant;
import org.myclerk.api.guard.Subject;
import org.myclerk.api.node.PeerState;
import org.myclerk.api.operation.Answers;
import org.myclerk.api.operation.Bindings;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.OperationHandler;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Fields;
import org.myclerk.devices.AuditLog;
import org.myclerk.devices.DeviceRegistry;
import org.myclerk.devices.RightsBook;
import org.myclerk.op.client.ClientOperations;
import org.myclerk.op.client.DeviceRequest;
import org.myclerk.op.client.NewRequest;
import org.myclerk.op.client.RequestDecision;
import org.myclerk.op.client.RequestRef;
import org.myclerk.op.client.RequestedDevice;
import org.myclerk.op.client.internal.ClientHandler;
import org.myclerk.op.routing.AclEntry;
import org.myclerk.op.routing.AclGrant;
import org.myclerk.op.routing.AclSubject;
import org.myclerk.op.routing.NewRoute;
import org.myclerk.op.routing.Route;
import org.myclerk.op.routing.RoutePriority;
import org.myclerk.op.routing.RouteQuery;
import org.myclerk.op.routing.RouteRef;
import org.myclerk.op.routing.RoutingOperations;
import org.myclerk.store.SqliteStore;
import org.myclerk.testing.TestAnswers;
import org.myclerk.testing.TestCaller;
import org.myclerk.testing.TestFamily;
import org.myclerk.testing.TestNode;

/**
 * A node's rights, routes and requests on a real store, under a mixed load. Before it does something it prints
 * {@code ? KEY VALUE .}, and once that is acknowledged {@code ! KEY VALUE .}; each key is used by one thread.
 */
final class KilledNode {

    static final int DEVICES = 8;

    private final TestCaller hub = new TestCaller("hub", 1, Set.of("hub"));
    private final TestCaller admin = new TestCaller("admin", 2, Set.of("admin"));
    private final SqliteStore store;
    private final RightsBook rights;
    private final DeviceRegistry devices;
    private final RoutingHandler routing;
    private final Bindings routes;
    private final Bindings clients;
    private DeviceSink sink;

    KilledNode(Path home) {
        TestNode node = new TestNode() {

            @Override
            public List<PeerState> peers() {
                return List.of(new PeerState(hub.nodeId(), "hub", List.of("hub"), List.of(), true, 0, false));
            }
        };
        store = new SqliteStore(home.resolve("node.db"));
        AuditLog audit = new AuditLog(store, new AuditConfig());
        rights = new RightsBook(store, audit);
        devices = new DeviceRegistry(new DevicesConfig(), rights, audit, store);
        devices.addSource(new DeviceSource() {

            @Override
            public void start(DeviceSink told) {
                sink = told;
            }

            @Override
            public void stop() {
                // They go with the process.
            }
        });
        for (int i = 0; i < DEVICES; i++) {
            plug("grant-" + i);
            plug("route-" + i);
        }
        routing = new RoutingHandler(node, devices, rights, audit, store, Duration.ZERO);
        routes = routing.bindings();
        OperationHandler client = new ClientHandler(node, new TestFamily(), devices, rights, audit, store);
        clients = client.bindings();
    }

    /** The configuration of the audit as it comes. */
    @SuppressWarnings("all")
    private record AuditConfig() implements AuditLog.Config {

        @Override
        public int entries() {
            return 1000;
        }

        @Override
        public Class<? extends Annotation> annotationType() {
            return AuditLog.Config.class;
        }
    }

    /** The configuration of the registry as it comes. */
    @SuppressWarnings("all")
    private record DevicesConfig() implements DeviceRegistry.Config {

        @Override
        public int graceSeconds() {
            return 30;
        }

        @Override
        public Class<? extends Annotation> annotationType() {
            return DeviceRegistry.Config.class;
        }
    }

    void stop() throws InterruptedException {
        routing.stop();
        devices.stop();
        store.close();
    }

    private void plug(String id) {
        sink.appeared(new Device(new DeviceInfo(id, "lamp", id, "bench", Fields.NONE, true), new Object()));
    }

    private <Q, A> A call(TestCaller caller, Operation<Q, A> row, Q request) throws Refused, InterruptedException {
        return answer(row.code().value() < 0x0250 ? routes : clients, caller, row, request);
    }

    @SuppressWarnings("unchecked")
    private static <Q, A> A answer(Bindings bindings, TestCaller caller, Operation<Q, A> row, Q request)
            throws Refused, InterruptedException {
        Answers<A> single = TestAnswers.single();
        return ((Bindings.Binding<Q, A>) bindings.binding(row.code())).method().answer(caller, request, single);
    }

    private static void say(String line) {
        synchronized (System.out) {
            System.out.println(line);
        }
    }

    private interface Step {

        void take() throws Refused, InterruptedException;
    }

    private static void take(String keyAndValue, Step step) throws Refused, InterruptedException {
        say("? %s .".formatted(keyAndValue));
        step.take();
        say("! %s .".formatted(keyAndValue));
    }

    private interface Load {

        void run(int number) throws Refused, InterruptedException;
    }

    private static void repeat(int first, Load load) {
        Thread.ofPlatform().start(() -> {
            try {
                for (int i = first; ; i++) {
                    load.run(i);
                }
            } catch (Refused | InterruptedException | RuntimeException failed) {
                failed.printStackTrace();
                Runtime.getRuntime().halt(1);
            }
        });
    }

    private void grant(int number) throws Refused, InterruptedException {
        AccessMode mode = AccessMode.values()[number / DEVICES % 5];
        String device = "grant-" + number % DEVICES;
        take(device + " " + mode, () -> call(admin, RoutingOperations.ACL_GRANT, new AclGrant(device, new AclEntry(
                new AclSubject(Subject.Kind.NODE, "hub"), mode, List.of(), Optional.empty(), Optional.empty()))));
    }

    private void route(int number) throws Refused, InterruptedException {
        String device = "route-" + number % DEVICES;
        int priority = number % NewRoute.MOST_PRIORITY;
        if (routed(device).isEmpty()) {
            take(device + " " + priority, () -> call(hub, RoutingOperations.ROUTE_CREATE,
                    new NewRoute(device, "hub", Optional.of(priority))));
        } else if (number % 3 == 0) {
            take(device + " none", () -> call(hub, RoutingOperations.ROUTE_DELETE, new RouteRef(device, "hub")));
        } else {
            take(device + " " + priority, () -> call(hub, RoutingOperations.ROUTE_PRIORITY,
                    new RoutePriority(device, "hub", priority)));
        }
    }

    private Optional<Route> routed(String device) throws Refused, InterruptedException {
        return call(admin, RoutingOperations.ROUTE_LIST, new RouteQuery(Optional.of(device), Optional.empty()))
                .routes().stream().findFirst();
    }

    private static Bytes token(int number) {
        return Bytes.wrap(ByteBuffer.allocate(16).putInt(12, number).array());
    }

    private void request(int number) throws Refused, InterruptedException {
        String device = "request-" + number;
        plug(device);
        RequestRef ref = new RequestRef(token(number));
        take(device + " PENDING", () -> call(hub, ClientOperations.DEVICE_REQUEST_CREATE, new NewRequest(ref.token(),
                List.of(new RequestedDevice(device, AccessMode.READ_WRITE)), Instant.now().getEpochSecond() + 3600,
                Optional.empty())));
        switch (number % 3) {
            case 0 -> take(device + " APPROVED", () -> call(admin, ClientOperations.DEVICE_REQUEST_RESPOND,
                    new RequestDecision(ref.token(), List.of(device), Optional.empty())));
            case 1 -> take(device + " REJECTED", () -> call(admin, ClientOperations.DEVICE_REQUEST_RESPOND,
                    new RequestDecision(ref.token(), List.of(), Optional.empty())));
            default -> take(device + " CANCELLED", () -> call(hub, ClientOperations.DEVICE_REQUEST_CANCEL, ref));
        }
    }

    /** What is there for a key, {@code none} for nothing. */
    String value(String key) throws InterruptedException {
        try {
            if (key.startsWith("route-")) {
                return routed(key).map(route -> Integer.toString(route.priority())).orElse("none");
            }
            if (key.startsWith("grant-")) {
                return given(key).map(grant -> grant.mode().toString()).orElse("none");
            }
            DeviceRequest request = call(admin, ClientOperations.DEVICE_REQUEST_DETAILS,
                    new RequestRef(token(Integer.parseInt(key.substring("request-".length())))));
            return request.state().toString();
        } catch (Refused unknown) {
            return "none";
        }
    }

    /** The right of the hub on a device. */
    Optional<Grant> given(String device) {
        return rights.of(device).stream().filter(grant -> grant.to().equals(Subject.node(hub.nodeId()))).findFirst();
    }

    /** @param args home, and the number to begin with */
    public static void main(String[] args) {
        KilledNode node = new KilledNode(Path.of(args[0]));
        int first = Integer.parseInt(args[1]);
        repeat(first, node::grant);
        repeat(first, node::route);
        repeat(first, node::request);
    }
}
