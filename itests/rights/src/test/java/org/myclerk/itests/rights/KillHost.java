package org.myclerk.itests.rights;

import java.lang.annotation.Annotation;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

import org.myclerk.api.device.Device;
import org.myclerk.api.device.DeviceInfo;
import org.myclerk.api.device.DeviceSink;
import org.myclerk.api.device.DeviceSource;
import org.myclerk.api.guard.AccessMode;
import org.myclerk.api.guard.Grant;
import org.myclerk.api.guard.Rights.Change;
import org.myclerk.api.guard.Subject;
import org.myclerk.api.guard.Who;
import org.myclerk.api.node.PeerState;
import org.myclerk.api.operation.Bindings.Binding;
import org.myclerk.api.operation.Caller;
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
import org.myclerk.op.client.RequestList;
import org.myclerk.op.client.RequestQuery;
import org.myclerk.op.client.RequestRef;
import org.myclerk.op.client.RequestSummary;
import org.myclerk.op.client.RequestedDevice;
import org.myclerk.op.client.internal.ClientHandler;
import org.myclerk.op.routing.NewRoute;
import org.myclerk.op.routing.RouteList;
import org.myclerk.op.routing.RouteQuery;
import org.myclerk.op.routing.RouteRef;
import org.myclerk.op.routing.RoutingOperations;
import org.myclerk.op.routing.internal.RoutingHandler;
import org.myclerk.store.SqliteStore;
import org.myclerk.testing.TestAnswers;
import org.myclerk.testing.TestCaller;
import org.myclerk.testing.TestFamily;
import org.myclerk.testing.TestNode;

/**
 * What a node keeps, without its sessions: store, rights, registry, routes and requests as in the distribution, under a
 * mixed load until somebody kills the process. It tells what it finds at start ({@code state KEY VALUE}, then
 * {@code ready}), what it is about to do ({@code begin KEY VALUE}) and what was acknowledged ({@code ack KEY}).
 */
final class KillHost implements DeviceSource {

    private static final List<AccessMode> MODES = List.of(AccessMode.READ_ONLY, AccessMode.WRITE_ONLY,
            AccessMode.READ_WRITE, AccessMode.EXCLUSIVE);
    private static final Subject CHILDREN = Subject.role("child");
    private static final int EACH = 4;
    private static final String NOTHING = "-";

    private final Random random;
    private final RightsBook rights;
    private final DeviceRegistry devices;
    private final OperationHandler routing;
    private final OperationHandler clients;
    private final TestCaller admin = new TestCaller("admin", 1, Set.of("admin"));
    private final TestCaller hub = new TestCaller("hub", 2, Set.of("hub"));
    private final TestCaller desk = new TestCaller("desk", 3, Set.of("member"));

    /** One kind of load. */
    private interface Load {

        void run(Random random) throws Exception;
    }

    /** Knows two peers. */
    private final class Node extends TestNode {

        @Override
        public List<PeerState> peers() {
            return List.of(peer(hub), peer(desk));
        }

        private static PeerState peer(Caller caller) {
            return new PeerState(caller.nodeId(), caller.name(), List.copyOf(caller.roles()), List.of(), false, 0,
                    false);
        }
    }

    private KillHost(Path folder, long seed) {
        random = new Random(seed);
        SqliteStore store = new SqliteStore(folder.resolve("node.db"));
        AuditLog audit = new AuditLog(store, standard(AuditLog.Config.class));
        rights = new RightsBook(store, audit);
        devices = new DeviceRegistry(standard(DeviceRegistry.Config.class), rights, audit, store);
        devices.addSource(this);
        Node node = new Node();
        routing = new RoutingHandler(node, devices, rights, audit, store, standard(RoutingHandler.Config.class));
        clients = new ClientHandler(node, new TestFamily(), devices, rights, audit, store);
    }

    /** A configuration in which nothing is set. */
    private static <C extends Annotation> C standard(Class<C> type) {
        return type.cast(java.lang.reflect.Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type},
                (_, method, _) -> method.getDefaultValue()));
    }

    public static void main(String[] arguments) throws Exception {
        KillHost host = new KillHost(Path.of(arguments[0]), Long.parseLong(arguments[1]));
        host.tellState();
        say("ready");
        host.load(host::grant);
        host.load(host::grant);
        host.load(host::batch);
        host.load(host::label);
        host.load(host::lock);
        host.load(host::route);
        host.load(host::request);
    }

    private static void say(String line) {
        synchronized (System.out) {
            System.out.println(line);
            System.out.flush();
        }
    }

    private void load(Load load) {
        Random own = new Random(random.nextLong());
        Thread.ofPlatform().start(() -> {
            try {
                while (true) {
                    load.run(own);
                }
            } catch (Exception e) {
                e.printStackTrace();
                System.exit(1);
            }
        });
    }

    @Override
    public void start(DeviceSink sink) {
        for (String kind : List.of("grant", "batch", "label", "lock", "route", "request")) {
            for (int i = 0; i < EACH; i++) {
                DeviceInfo info = new DeviceInfo(kind + i, "test", kind + i, "here", Fields.NONE, true);
                sink.appeared(new Device(info, this));
            }
        }
    }

    @Override
    public void stop() {
        // They stay until the process is killed.
    }

    @SuppressWarnings("unchecked")
    private static <Q, A> A call(OperationHandler handler, Caller caller, Operation<Q, A> row, Q request)
            throws Refused, InterruptedException {
        return ((Binding<Q, A>) handler.bindings().binding(row.code())).method().answer(caller, request,
                TestAnswers.single());
    }

    // What there is.

    private void tellState() throws Exception {
        for (int i = 0; i < EACH; i++) {
            say("state grant%d %s".formatted(i, mode("grant" + i)));
            say("state label%d %s".formatted(i, devices.view(admin, "label" + i).place().orElse(NOTHING)));
            say("state lock%d %s".formatted(i, devices.view(admin, "lock" + i).holder().orElse(NOTHING)));
            say("state route%d %s".formatted(i, route("route" + i)));
        }
        say("state batch %s".formatted(batchState()));
        say("state request %s".formatted(requestState()));
    }

    private String mode(String device) {
        return rights.of(device).stream().filter(grant -> grant.to().equals(CHILDREN)).findFirst()
                .map(grant -> grant.mode().name()).orElse(NOTHING);
    }

    private String batchState() {
        Set<String> modes = new java.util.TreeSet<>();
        for (int i = 0; i < EACH; i++) {
            modes.add(mode("batch" + i));
        }
        return String.join("+", modes);
    }

    private String route(String device) throws Exception {
        RouteList list = call(routing, admin, RoutingOperations.ROUTE_LIST, new RouteQuery(Optional.of(device),
                Optional.empty()));
        return list.routes().isEmpty() ? NOTHING : String.join("+", list.routes().stream()
                .map(route -> route.clientName() + "/" + route.priority()).sorted().toList());
    }

    private static Bytes token(long number) {
        return Bytes.wrap(java.nio.ByteBuffer.allocate(16).putLong(4).putLong(number).array());
    }

    private static long number(Bytes token) {
        return token.asBuffer().getLong(8);
    }

    private String requestState() throws Exception {
        RequestList all = call(clients, hub, ClientOperations.DEVICE_REQUEST_LIST,
                new RequestQuery(Optional.of(true)));
        long last = all.requests().stream().map(RequestSummary::token).mapToLong(KillHost::number).max().orElse(0);
        if (last == 0) {
            return NOTHING;
        }
        DeviceRequest request = call(clients, hub, ClientOperations.DEVICE_REQUEST_DETAILS,
                new RequestRef(token(last)));
        return "%d/%s/%s".formatted(last, request.state(), hubMode());
    }

    private AccessMode hubMode() {
        return rights.mode(new Who(hub.nodeId(), hub.roles()), "request0");
    }

    // What is done to it.

    private void act(String key, String value, Load action) throws Exception {
        say("begin %s %s".formatted(key, value));
        action.run(random);
        say("ack " + key);
    }

    private void grant(Random own) throws Exception {
        String device;
        synchronized (this) {
            device = "grant" + own.nextInt(EACH);
            AccessMode mode = own.nextInt(4) == 0 ? null : MODES.get(own.nextInt(MODES.size()));
            act(device, mode == null ? NOTHING : mode.name(), _ -> rights.change("load", List.of(mode == null
                    ? new Change.Take(device, CHILDREN) : new Change.Give(new Grant(device, CHILDREN, mode)))));
        }
    }

    private void batch(Random own) throws Exception {
        AccessMode mode = MODES.get(own.nextInt(MODES.size()));
        List<Change> changes = java.util.stream.IntStream.range(0, EACH).mapToObj(i ->
                (Change) new Change.Give(new Grant("batch" + i, CHILDREN, mode))).toList();
        act("batch", mode.name(), _ -> rights.change("load", changes));
    }

    private void label(Random own) throws Exception {
        String device = "label" + own.nextInt(EACH);
        String place = "shelf-" + own.nextInt(1_000_000);
        act(device, place, _ -> devices.configure(admin, device, Optional.empty(), Optional.of(place), Fields.NONE));
    }

    private void lock(Random own) throws Exception {
        String device = "lock" + own.nextInt(EACH);
        boolean locked = devices.view(admin, device).holder().isPresent();
        if (locked) {
            act(device, NOTHING, _ -> devices.unlock(admin, device));
        } else {
            act(device, admin.name(), _ -> devices.lock(admin, device, Duration.ofHours(1), false));
        }
    }

    private void route(Random own) throws Exception {
        String device = "route" + own.nextInt(EACH);
        if (route(device).equals(NOTHING)) {
            int priority = own.nextInt(1_000);
            act(device, "desk/" + priority, _ -> call(routing, hub, RoutingOperations.ROUTE_CREATE,
                    new NewRoute(device, "desk", Optional.of(priority))));
        } else {
            act(device, NOTHING, _ -> call(routing, hub, RoutingOperations.ROUTE_DELETE,
                    new RouteRef(device, "desk")));
        }
    }

    private void request(Random own) throws Exception {
        String state = requestState();
        long last = state.equals(NOTHING) ? 0 : Long.parseLong(state.substring(0, state.indexOf('/')));
        AccessMode wanted = MODES.get((int) (last % MODES.size()));
        if (state.contains("/PENDING/")) {
            switch ((int) (last % 3)) {
                case 0 -> act("request", "%d/APPROVED/%s".formatted(last, wanted), _ -> decide(last, "request0"));
                case 1 -> act("request", "%d/REJECTED/%s".formatted(last, hubMode()), _ -> decide(last));
                default -> act("request", "%d/CANCELLED/%s".formatted(last, hubMode()), _ -> call(clients, hub,
                        ClientOperations.DEVICE_REQUEST_CANCEL, new RequestRef(token(last))));
            }
            return;
        }
        long next = last + 1;
        AccessMode asked = MODES.get((int) (next % MODES.size()));
        act("request", "%d/PENDING/%s".formatted(next, hubMode()), _ -> call(clients, hub,
                ClientOperations.DEVICE_REQUEST_CREATE, new NewRequest(token(next),
                        List.of(new RequestedDevice("request0", asked)), Instant.now().getEpochSecond() + 3_600,
                        Optional.empty())));
    }

    private void decide(long request, String... approved) throws Refused, InterruptedException {
        call(clients, admin, ClientOperations.DEVICE_REQUEST_RESPOND, new RequestDecision(token(request),
                List.of(approved), Optional.empty()));
    }
}
