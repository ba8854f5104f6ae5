package org.myclerk.itests.rights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;

import org.myclerk.api.client.Client;
import org.myclerk.api.client.Peer;
import org.myclerk.api.device.DeviceView;
import org.myclerk.api.guard.AccessMode;
import org.myclerk.api.guard.Grant;
import org.myclerk.api.guard.Subject;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.transport.Endpoint;
import org.myclerk.op.client.Assignment;
import org.myclerk.op.client.ClientOperations;
import org.myclerk.op.client.ClientRef;
import org.myclerk.op.client.DeviceRequest;
import org.myclerk.op.client.NewRequest;
import org.myclerk.op.client.RequestDecision;
import org.myclerk.op.client.RequestQuery;
import org.myclerk.op.client.RequestRef;
import org.myclerk.op.client.RequestState;
import org.myclerk.op.client.RequestSummary;
import org.myclerk.op.client.RequestedDevice;
import org.myclerk.op.client.Unassignment;
import org.myclerk.op.device.DeviceConfiguration;
import org.myclerk.op.device.DeviceLock;
import org.myclerk.op.device.DeviceOperations;
import org.myclerk.op.device.DeviceRef;
import org.myclerk.op.routing.Acl;
import org.myclerk.op.routing.AclEntry;
import org.myclerk.op.routing.AclGrant;
import org.myclerk.op.routing.AclList;
import org.myclerk.op.routing.AclRef;
import org.myclerk.op.routing.AclRevocation;
import org.myclerk.op.routing.AclSubject;
import org.myclerk.op.routing.NewRoute;
import org.myclerk.op.routing.Route;
import org.myclerk.op.routing.RouteChange;
import org.myclerk.op.routing.RoutePriority;
import org.myclerk.op.routing.RouteQuery;
import org.myclerk.op.routing.RouteRef;
import org.myclerk.op.routing.RoutingOperations;
import org.myclerk.vendor.node.Invite;
import org.myclerk.vendor.node.NodeOperations;

/**
 * An administrator, a hub and two members of a family, each with a session to one node, who change its
 * rights, names, locks, routes, assignments and requests for devices all at once; and what the node has of
 * these after a start.
 */
final class MixedLoad implements AutoCloseable {

    private static final String ADMIN = "admin";
    private static final String HUB = "hub";
    private static final List<String> DESKS = List.of("desk", "den");
    private static final List<AccessMode> MODES = List.of(AccessMode.READ_ONLY, AccessMode.WRITE_ONLY,
            AccessMode.READ_WRITE, AccessMode.EXCLUSIVE);
    private static final List<Subject> ROLES = List.of(Subject.role("child"), Subject.role("guest"),
            Subject.role("member"), Subject.role("hub"));
    private static final String LENT = "sim-gpio";
    private static final List<String> ASKED_FOR = List.of("sim-can", "sim-onewire");

    private final Path folder;
    private final Ledger ledger;
    private final Map<String, Client> clients = new HashMap<>();
    private final Map<String, Peer> peers = new ConcurrentHashMap<>();
    private final List<Kind> kinds = new ArrayList<>();
    private volatile Semaphore answered = new Semaphore(0);

    /** One kind of change; nobody else makes changes to what it changes. */
    private interface Kind {

        /** Tells the ledger what there is. */
        void look() throws Refused, IOException, InterruptedException;

        void change(Random random) throws Refused, IOException, InterruptedException;
    }

    MixedLoad(Path folder, Ledger ledger) {
        this.folder = folder;
        this.ledger = ledger;
        kinds.add(new RightsOn("sim-gps"));
        kinds.add(new RightsOn("sim-pwm"));
        kinds.add(new NameOf("sim-echo"));
        kinds.add(new LockOn("sim-i2c"));
        kinds.add(new LockOn("sim-spi-0"));
        kinds.add(new RoutesFrom("sim-null-a"));
        kinds.add(new RoutesFrom("sim-null-b"));
        DESKS.forEach(desk -> kinds.add(new LentTo(desk)));
        kinds.add(new Requests());
    }

    /** Has everybody join the family of a node, and shares what they need. */
    void join(Path home, Endpoint endpoint) throws Exception {
        try (Client owner = Client.open(home)) {
            Peer kitchen = owner.own();
            join(kitchen, ADMIN, ADMIN);
            join(kitchen, HUB, HUB);
            for (String desk : DESKS) {
                join(kitchen, desk, "member");
            }
        }
        connect(endpoint);
        for (String device : List.of("sim-null-a", "sim-null-b", "sim-i2c", "sim-spi-0", LENT)) {
            as(ADMIN, RoutingOperations.ACL_SET, new AclList(device, List.of(
                    entry(Subject.role("hub"), AccessMode.READ_WRITE),
                    entry(Subject.role("member"), AccessMode.READ_WRITE))));
        }
    }

    private void join(Peer kitchen, String name, String role) throws Exception {
        Path home = folder.resolve(name);
        Client.join(home, kitchen.call(NodeOperations.NODE_INVITE,
                new Invite(role, 15, List.of(), Optional.empty())).text(), Optional.of(name));
        clients.put(name, Client.open(home));
    }

    /** Opens everybody's session. */
    void connect(Endpoint endpoint) throws IOException, InterruptedException {
        try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
            Map<String, Future<Peer>> opening = new HashMap<>();
            clients.forEach((name, client) ->
                    opening.put(name, pool.submit(() -> client.connect(endpoint, Client.Wish.USUAL))));
            for (Map.Entry<String, Future<Peer>> each : opening.entrySet()) {
                peers.put(each.getKey(), each.getValue().get());
            }
        } catch (ExecutionException failed) {
            throw new IOException(failed.getCause());
        }
    }

    /** Compares all that there is with the ledger. */
    void look() throws Refused, IOException, InterruptedException {
        for (Kind kind : kinds) {
            kind.look();
        }
    }

    /**
     * Changes everything until a call fails.
     *
     * @param each released with each answer
     */
    void run(Random random, Semaphore each) throws InterruptedException, IOException {
        answered = each;
        try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> running = new ArrayList<>();
            for (Kind kind : kinds) {
                Random own = new Random(random.nextLong());
                running.add(pool.submit(() -> {
                    while (true) {
                        kind.change(own);
                    }
                }));
            }
            IOException lost = null;
            for (Future<?> one : running) {
                try {
                    one.get();
                } catch (ExecutionException failed) {
                    if (!(failed.getCause() instanceof IOException)) {
                        throw new AssertionError(failed.getCause());
                    }
                    lost = (IOException) failed.getCause();
                }
            }
            throw lost;
        }
    }

    @Override
    public void close() {
        clients.values().forEach(Client::close);
    }

    private <Q, A> A as(String who, Operation<Q, A> operation, Q request)
            throws Refused, IOException, InterruptedException {
        return peers.get(who).call(operation, request);
    }

    private static <T> T any(List<T> all, Random random) {
        return all.get(random.nextInt(all.size()));
    }

    private static AclEntry entry(Subject to, AccessMode mode) {
        return new AclEntry(new AclSubject(to.kind(), to.name()), mode, List.of(), Optional.empty(),
                Optional.empty());
    }

    private static TreeMap<String, AccessMode> modes(Acl acl) {
        TreeMap<String, AccessMode> modes = new TreeMap<>();
        acl.grants().forEach(grant -> modes.put(grant.to().toString(), grant.mode()));
        return modes;
    }

    /** What an administrator sees of a node's right on a device. */
    private AccessMode right(String device, Subject node) throws Refused, IOException, InterruptedException {
        return as(ADMIN, RoutingOperations.ACL_GET, new AclRef(device)).grants().stream()
                .filter(grant -> grant.to().equals(node)).map(Grant::mode).findFirst()
                .orElse(AccessMode.NONE);
    }

    /** Grants to roles, one by one and all together. */
    private final class RightsOn implements Kind {

        private final String device;
        private final String key;
        private TreeMap<String, AccessMode> now;

        RightsOn(String device) {
            this.device = device;
            this.key = "rights on " + device;
        }

        @Override
        public void look() throws Refused, IOException, InterruptedException {
            now = modes(as(ADMIN, RoutingOperations.ACL_GET, new AclRef(device)));
            ledger.found(key, now.toString());
        }

        @Override
        public void change(Random random) throws Refused, IOException, InterruptedException {
            TreeMap<String, AccessMode> next = new TreeMap<>(now);
            Subject role = any(ROLES, random);
            if (random.nextInt(3) == 0) {
                next.clear();
                ROLES.forEach(each -> next.put(each.toString(), any(MODES, random)));
                change(next, RoutingOperations.ACL_SET, new AclList(device,
                        ROLES.stream().map(each -> entry(each, next.get(each.toString()))).toList()));
            } else if (random.nextBoolean() && now.containsKey(role.toString())) {
                next.remove(role.toString());
                change(next, RoutingOperations.ACL_REVOKE, new AclRevocation(device,
                        new AclSubject(role.kind(), role.name())));
            } else {
                next.put(role.toString(), any(MODES, random));
                change(next, RoutingOperations.ACL_GRANT, new AclGrant(device,
                        entry(role, next.get(role.toString()))));
            }
        }

        private <Q> void change(TreeMap<String, AccessMode> next, Operation<Q, Acl> operation, Q request)
                throws Refused, IOException, InterruptedException {
            ledger.change(key, next.toString(), answered, () -> modes(as(ADMIN, operation, request))
                    .toString());
            now = next;
        }
    }

    /** Names, each with a place. */
    private final class NameOf implements Kind {

        private final String device;
        private final String key;

        NameOf(String device) {
            this.device = device;
            this.key = "name of " + device;
        }

        private static String words(DeviceView view) {
            return view.name() + " at " + view.place().orElse("no place");
        }

        @Override
        public void look() throws Refused, IOException, InterruptedException {
            ledger.found(key, words(as(ADMIN, DeviceOperations.DEVICE_INFO, new DeviceRef(device))));
        }

        @Override
        public void change(Random random) throws Refused, IOException, InterruptedException {
            int number = random.nextInt(1_000_000);
            ledger.change(key, "plug %d at shelf %d".formatted(number, number), answered, () ->
                    words(as(ADMIN, DeviceOperations.DEVICE_CONFIGURE, new DeviceConfiguration(device,
                            Optional.of("plug " + number), Optional.of("shelf " + number),
                            Optional.empty()))));
        }
    }

    /** Locks that members take, renew and give back, and an administrator takes over. */
    private final class LockOn implements Kind {

        private static final String NOBODY = "nobody";

        private final String device;
        private final String key;
        private String holder;

        LockOn(String device) {
            this.device = device;
            this.key = "lock on " + device;
        }

        private static String words(DeviceView view) {
            return view.lockedUntil().map(until -> "%s until %d".formatted(view.holder().orElseThrow(),
                    until))
                    .orElse(NOBODY);
        }

        @Override
        public void look() throws Refused, IOException, InterruptedException {
            DeviceView view = as(ADMIN, DeviceOperations.DEVICE_INFO, new DeviceRef(device));
            holder = view.holder().orElse(NOBODY);
            ledger.found(key, words(view));
        }

        @Override
        public void change(Random random) throws Refused, IOException, InterruptedException {
            if (holder.equals(NOBODY)) {
                lock(any(DESKS, random), random);
            } else if (random.nextBoolean()) {
                ledger.change(key, NOBODY, answered, () ->
                        words(as(holder, DeviceOperations.DEVICE_UNLOCK, new DeviceRef(device))));
                holder = NOBODY;
            } else {
                lock(random.nextBoolean() ? holder : ADMIN, random);
            }
        }

        private void lock(String next, Random random) throws Refused, IOException, InterruptedException {
            int seconds = 100_000 + random.nextInt(100_000);
            boolean takesOver = next.equals(ADMIN);
            ledger.change(key, next + " until …", answered, () -> words(as(next, DeviceOperations.DEVICE_LOCK,
                    new DeviceLock(device, Optional.of(seconds), Optional.of(takesOver)))));
            holder = next;
        }
    }

    /** Routes to the members, which the hub makes, turns and deletes. */
    private final class RoutesFrom implements Kind {

        private final String device;
        private final String key;
        private TreeMap<String, Integer> now;

        RoutesFrom(String device) {
            this.device = device;
            this.key = "routes from " + device;
        }

        private TreeMap<String, Integer> read() throws Refused, IOException, InterruptedException {
            TreeMap<String, Integer> routes = new TreeMap<>();
            for (Route route : as(HUB, RoutingOperations.ROUTE_LIST, new RouteQuery(Optional.of(device),
                    Optional.empty())).routes()) {
                routes.put(route.clientName(), route.priority());
            }
            return routes;
        }

        @Override
        public void look() throws Refused, IOException, InterruptedException {
            now = read();
            ledger.found(key, now.toString());
        }

        @Override
        public void change(Random random) throws Refused, IOException, InterruptedException {
            String desk = any(DESKS, random);
            String other = DESKS.get(1 - DESKS.indexOf(desk));
            int priority = random.nextInt(1_000);
            TreeMap<String, Integer> next = new TreeMap<>(now);
            if (!now.containsKey(desk) && now.containsKey(other) && random.nextBoolean()) {
                next.put(desk, next.remove(other));
                change(next, RoutingOperations.ROUTE_MODIFY, new RouteChange(device, other, desk));
            } else if (!now.containsKey(desk)) {
                next.put(desk, priority);
                change(next, RoutingOperations.ROUTE_CREATE,
                        new NewRoute(device, desk, Optional.of(priority)));
            } else if (random.nextBoolean()) {
                next.put(desk, priority);
                change(next, RoutingOperations.ROUTE_PRIORITY, new RoutePriority(device, desk, priority));
            } else {
                next.remove(desk);
                change(next, RoutingOperations.ROUTE_DELETE, new RouteRef(device, desk));
            }
        }

        private <Q, A> void change(TreeMap<String, Integer> next, Operation<Q, A> operation, Q request)
                throws Refused, IOException, InterruptedException {
            ledger.change(key, next.toString(), answered, () -> {
                as(HUB, operation, request);
                return next.toString();
            });
            now = next;
        }
    }

    /** A device that the hub hands on to a member: the assignment and the right are one. */
    private final class LentTo implements Kind {

        private final String desk;
        private final String key;
        private boolean lent;

        LentTo(String desk) {
            this.desk = desk;
            this.key = "lent to " + desk;
        }

        private String read() throws Refused, IOException, InterruptedException {
            var info = as(HUB, ClientOperations.CLIENT_INFO, new ClientRef(desk));
            AccessMode assigned = info.devices().stream().filter(each -> each.device().equals(LENT))
                    .map(each -> each.mode()).findFirst().orElse(AccessMode.NONE);
            AccessMode right = right(LENT, Subject.node(info.client().id()));
            assertEquals(assigned, right, () -> LENT + " as assigned to " + desk + ", and its right");
            return assigned.toString();
        }

        @Override
        public void look() throws Refused, IOException, InterruptedException {
            String found = read();
            lent = !found.equals(AccessMode.NONE.toString());
            ledger.found(key, found);
        }

        @Override
        public void change(Random random) throws Refused, IOException, InterruptedException {
            AccessMode mode = lent && random.nextBoolean() ? AccessMode.NONE
                    : any(List.of(AccessMode.READ_ONLY, AccessMode.WRITE_ONLY, AccessMode.READ_WRITE),
                    random);
            ledger.change(key, mode.toString(), answered, () -> {
                if (mode == AccessMode.NONE) {
                    as(HUB, ClientOperations.CLIENT_REVOKE, new Unassignment(LENT, desk));
                } else {
                    as(HUB, ClientOperations.CLIENT_ASSIGN, new Assignment(LENT, desk, Optional.of(mode),
                            Optional.empty()));
                }
                return mode.toString();
            });
            lent = mode != AccessMode.NONE;
        }
    }

    /** Requests of the hub, one after the other: the state of the last one and what is shared are one. */
    private final class Requests implements Kind {

        /** A node keeps 256 that are decided. */
        private static final int KEPT = 200;

        private final TreeMap<Long, RequestState> ended = new TreeMap<>();
        private long last;
        private RequestState state = RequestState.CANCELLED;
        private TreeMap<String, AccessMode> shared;

        private static final String KEY = "request by hub";

        private static Bytes token(long number) {
            return Bytes.wrap(ByteBuffer.allocate(16).putLong(4).putLong(number).array());
        }

        private static long number(Bytes token) {
            return token.asBuffer().getLong(8);
        }

        private static String words(long number, RequestState state, Map<String, AccessMode> shared) {
            return "%d is %s and shared is %s".formatted(number, state, shared);
        }

        @Override
        public void look() throws Refused, IOException, InterruptedException {
            TreeMap<Long, RequestState> all = new TreeMap<>();
            for (RequestSummary summary : as(HUB, ClientOperations.DEVICE_REQUEST_LIST,
                    new RequestQuery(Optional.of(true))).requests()) {
                all.put(number(summary.token()), summary.state());
            }
            last = all.isEmpty() ? 0 : all.lastKey();
            ended.tailMap(last - KEPT, false).forEach((number, before) ->
                    assertEquals(before, all.get(number), () -> "state of request " + number));
            TreeMap<String, AccessMode> found = new TreeMap<>();
            Subject hub = Subject.node(clientId(HUB));
            for (String device : ASKED_FOR) {
                found.put(device, right(device, hub));
            }
            shared = found;
            if (last > 0) {
                DeviceRequest request = as(HUB, ClientOperations.DEVICE_REQUEST_DETAILS,
                        new RequestRef(token(last)));
                state = request.state();
                if (state != RequestState.PENDING) {
                    ended.put(last, state);
                    Refused used = assertThrows(Refused.class, () -> create(last, AccessMode.READ_ONLY));
                    assertEquals(ErrorCode.BAD_REQUEST, used.code(),
                            "a token works once: " + used.getMessage());
                }
            }
            ledger.found(KEY, words(last, state, shared));
        }

        private DeviceRequest create(long number, AccessMode mode)
                throws Refused, IOException, InterruptedException {
            return as(HUB, ClientOperations.DEVICE_REQUEST_CREATE, new NewRequest(token(number),
                    ASKED_FOR.stream().map(device -> new RequestedDevice(device, mode)).toList(),
                    Instant.now().getEpochSecond() + 86_400, Optional.empty()));
        }

        @Override
        public void change(Random random) throws Refused, IOException, InterruptedException {
            if (state != RequestState.PENDING) {
                long next = last + 1;
                change(next, RequestState.PENDING, shared, () -> create(next, mode(next)));
            } else if (random.nextInt(4) == 0) {
                change(last, RequestState.CANCELLED, shared, () ->
                        as(HUB, ClientOperations.DEVICE_REQUEST_CANCEL, new RequestRef(token(last))));
            } else {
                List<String> approved = ASKED_FOR.subList(0, random.nextInt(ASKED_FOR.size() + 1));
                TreeMap<String, AccessMode> then = new TreeMap<>(shared);
                approved.forEach(device -> then.put(device, mode(last)));
                change(last, approved.isEmpty() ? RequestState.REJECTED : approved.size() < ASKED_FOR.size()
                        ? RequestState.PARTIALLY_APPROVED : RequestState.APPROVED, then, () ->
                        as(ADMIN, ClientOperations.DEVICE_REQUEST_RESPOND,
                                new RequestDecision(token(last), approved, Optional.empty())));
            }
        }

        private static AccessMode mode(long number) {
            return MODES.get((int) (number % MODES.size()));
        }

        private interface Step {

            DeviceRequest call() throws Refused, IOException, InterruptedException;
        }

        private void change(long number, RequestState wanted, TreeMap<String, AccessMode> then, Step step)
                throws Refused, IOException, InterruptedException {
            ledger.change(KEY, words(number, wanted, then), answered, () ->
                    words(number(step.call().token()), wanted, then));
            last = number;
            state = wanted;
            shared = then;
            if (wanted != RequestState.PENDING) {
                ended.put(number, wanted);
            }
        }
    }

    private Bytes clientId(String name) throws Refused, IOException, InterruptedException {
        return as(HUB, ClientOperations.CLIENT_INFO, new ClientRef(name)).client().id();
    }
}
