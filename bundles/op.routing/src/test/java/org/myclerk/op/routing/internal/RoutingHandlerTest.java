package org.myclerk.op.routing.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.myclerk.op.routing.RoutingOperations.ACL_GET;
import static org.myclerk.op.routing.RoutingOperations.ACL_GRANT;
import static org.myclerk.op.routing.RoutingOperations.ACL_REVOKE;
import static org.myclerk.op.routing.RoutingOperations.ACL_SET;
import static org.myclerk.op.routing.RoutingOperations.ROUTE_CREATE;
import static org.myclerk.op.routing.RoutingOperations.ROUTE_DELETE;
import static org.myclerk.op.routing.RoutingOperations.ROUTE_LIST;
import static org.myclerk.op.routing.RoutingOperations.ROUTE_MODIFY;
import static org.myclerk.op.routing.RoutingOperations.ROUTE_PRIORITY;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.myclerk.api.device.Device;
import org.myclerk.api.device.DeviceInfo;
import org.myclerk.api.device.DeviceSink;
import org.myclerk.api.device.DeviceSource;
import org.myclerk.api.device.Lease;
import org.myclerk.api.guard.AccessMode;
import org.myclerk.api.guard.Grant;
import org.myclerk.api.guard.Rights;
import org.myclerk.api.guard.Subject;
import org.myclerk.api.node.PeerState;
import org.myclerk.api.node.SessionState;
import org.myclerk.api.operation.Answers;
import org.myclerk.api.operation.Bindings;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Fields;
import org.myclerk.api.payload.Payload;
import org.myclerk.devices.DeviceRegistry;
import org.myclerk.op.routing.AclEntry;
import org.myclerk.op.routing.AclGrant;
import org.myclerk.op.routing.AclList;
import org.myclerk.op.routing.AclRef;
import org.myclerk.op.routing.AclRevocation;
import org.myclerk.op.routing.AclSubject;
import org.myclerk.op.routing.NewRoute;
import org.myclerk.op.routing.Route;
import org.myclerk.op.routing.RouteChange;
import org.myclerk.op.routing.RouteList;
import org.myclerk.op.routing.RoutePriority;
import org.myclerk.op.routing.RouteQuery;
import org.myclerk.op.routing.RouteRef;
import org.myclerk.op.routing.RouteState;
import org.myclerk.store.SqliteStore;
import org.myclerk.testing.TestAudit;
import org.myclerk.testing.TestCaller;
import org.myclerk.testing.TestNode;
import org.myclerk.testing.TestRights;

@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RoutingHandlerTest {

    private static final Duration GRACE = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    private final TestCaller hub = new TestCaller("hub", 1, Set.of("hub"));
    private final TestCaller ada = new TestCaller("ada", 2);
    private final TestCaller bob = new TestCaller("bob", 3);
    private final TestCaller eve = new TestCaller("eve", 4);
    private final DeviceRegistry devices = new DeviceRegistry(GRACE);
    private final BlockingQueue<Lease.End> ends = new LinkedBlockingQueue<>();
    private final List<SessionState> sessions = new CopyOnWriteArrayList<>();
    private final TestNode node = new TestNode() {

        @Override
        public List<SessionState> sessions() {
            return sessions;
        }

        @Override
        public List<PeerState> peers() {
            return List.of(stateOf(ada), stateOf(bob), stateOf(eve));
        }
    };
    private DeviceSink bench;
    private SqliteStore store;
    private TestRights rights;
    private RoutingHandler handler;
    private Bindings bindings;

    private static PeerState stateOf(TestCaller caller) {
        return new PeerState(caller.nodeId(), caller.name(), List.copyOf(caller.roles()), List.of(), true, 0,
                false);
    }

    @BeforeEach
    void open() throws Refused {
        store = new SqliteStore(folder.resolve("node.db"));
        rights = new TestRights(store);
        devices.addSource(new DeviceSource() {

            @Override
            public void start(DeviceSink sink) {
                bench = sink;
            }

            @Override
            public void stop() {
                // The test pulls what it wants to.
            }
        });
        plug("lamp", Fields.NONE);
        plug("door", Fields.NONE);
        for (TestCaller caller : List.of(hub, ada, bob)) {
            share("lamp", caller);
        }
        start(Duration.ZERO);
    }

    private void start(Duration patience) {
        handler = new RoutingHandler(node, devices, rights, new TestAudit(), store, patience);
        bindings = handler.bindings();
    }

    @AfterEach
    void close() throws InterruptedException {
        handler.stop();
        devices.stop();
        store.close();
    }

    private void plug(String id, Fields properties) {
        bench.appeared(new Device(new DeviceInfo(id, "lamp", id, "bench", properties, true), new Object()));
    }

    private void share(String device, TestCaller with) throws Refused {
        rights.change("root", List.of(new Rights.Change.Give(new Grant(device, Subject.node(with.nodeId()),
                AccessMode.READ_WRITE))));
    }

    @SuppressWarnings("unchecked")
    private <Q, A> A call(Caller caller, Operation<Q, A> row, Q request)
            throws Refused, InterruptedException {
        return ((Bindings.Binding<Q, A>) bindings.binding(row.code())).method().answer(caller, request,
                (Answers<A>) null);
    }

    private <Q> Refused refused(ErrorCode code, Operation<Q, ?> row, Q request) {
        Refused refused = assertThrows(Refused.class, () -> call(hub, row, request));
        assertEquals(code, refused.code(), refused.getMessage());
        return refused;
    }

    private Route route(String device, String client, int priority) throws Refused, InterruptedException {
        return call(hub, ROUTE_CREATE, new NewRoute(device, client, Optional.of(priority)));
    }

    private List<Route> routes() throws Refused, InterruptedException {
        return call(hub, ROUTE_LIST, new RouteQuery(Optional.empty(), Optional.empty())).routes();
    }

    private List<RouteState> states() throws Refused, InterruptedException {
        return routes().stream().map(Route::state).toList();
    }

    private void arrives(TestCaller caller) {
        sessions.add(caller.state());
        devices.opened(caller.state(), Bytes.EMPTY);
        handler.opened(caller.state(), Bytes.EMPTY);
    }

    private void leaves(TestCaller caller) {
        sessions.remove(caller.state());
        caller.endSession();
        devices.ended(caller.state());
        handler.ended(caller.state());
    }

    private Lease open(TestCaller caller) throws Refused {
        Lease lease = devices.lease(caller, "lamp", Lease.Mode.EXCLUSIVE);
        lease.onEnd(ends::add);
        return lease;
    }

    private interface Check {

        boolean holds() throws Exception;
    }

    /** Waits for what an event brings about sooner or later. */
    private void await(Check check) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!check.holds()) {
            assertTrue(System.nanoTime() < deadline, "it does not come about: " + states());
            Thread.onSpinWait();
        }
    }

    /** A lease is seen to move a moment before its route is the active one. */
    private void awaitStates(RouteState... expected) throws Exception {
        await(() -> states().equals(List.of(expected)));
    }

    private void awaitHolder(TestCaller holder, Lease lease) throws Exception {
        await(() -> lease.node().equals(holder.nodeId()));
    }

    @Test
    void movesWhatIsOpenToTheClientThatComesFirstAndBack() throws Exception {
        arrives(ada);
        assertEquals(RouteState.ACTIVE, route("lamp", "ada", 10).state());
        Lease lease = open(ada);
        assertEquals(RouteState.AWAY, route("lamp", "bob", 20).state());
        arrives(bob);
        awaitHolder(bob, lease);
        awaitStates(RouteState.STANDBY, RouteState.ACTIVE);
        assertThrows(Refused.class, () -> devices.lease(ada, "lamp", Lease.Mode.EXCLUSIVE));
        assertSame(lease, devices.leaseOf(bob, "lamp").orElseThrow(), "it is the same, open");
        leaves(bob);
        awaitHolder(ada, lease);
        assertSame(lease, devices.leaseOf(ada, "lamp").orElseThrow());
        awaitStates(RouteState.ACTIVE, RouteState.AWAY);
        assertEquals(null, ends.poll(), "it was never closed");
    }

    @Test
    void movesWithThePriorityAndWithAnotherClient() throws Exception {
        arrives(ada);
        arrives(bob);
        route("lamp", "ada", 10);
        route("lamp", "bob", 5);
        Lease lease = open(ada);
        assertEquals(RouteState.ACTIVE, call(hub, ROUTE_PRIORITY, new RoutePriority("lamp", "bob", 11))
                .state());
        assertEquals(bob.nodeId(), lease.node(), "it has moved when the answer comes");
        assertEquals(RouteState.STANDBY, call(hub, ROUTE_PRIORITY, new RoutePriority("lamp", "bob", 10))
                .state());
        assertEquals(ada.nodeId(), lease.node(), "of two equal ones the older is first");
        call(hub, ROUTE_DELETE, new RouteRef("lamp", "bob"));
        assertEquals(ada.nodeId(), lease.node());
        assertEquals(10, call(hub, ROUTE_MODIFY, new RouteChange("lamp", "ada", "bob")).priority());
        assertEquals(bob.nodeId(), lease.node());
        assertEquals(1, routes().size());
        call(hub, ROUTE_DELETE, new RouteRef("lamp", "bob"));
        assertEquals(bob.nodeId(), lease.node(), "without a route it stays where it is");
        assertEquals(List.of(lease), devices.held("lamp"), "and nothing is reserved any more");
        assertEquals(null, ends.poll());
    }

    @Test
    void takesADeviceFromAClientWithoutARoute() throws Exception {
        arrives(ada);
        arrives(bob);
        Lease lease = open(ada);
        route("lamp", "bob", 1);
        assertEquals(bob.nodeId(), lease.node());
    }

    @Test
    void reservesADeviceThatNobodyUsesYet() throws Exception {
        arrives(bob);
        route("lamp", "bob", 1);
        assertThrows(Refused.class, () -> open(ada));
        Lease lease = open(bob);
        lease.release();
        assertThrows(Refused.class, () -> open(ada), "closing the device does not give it to others");
        leaves(bob);
        await(() -> devices.held("lamp").isEmpty());
        open(ada);
    }

    @Test
    void waitsForAClientThatResumesInTime() throws Exception {
        handler.stop();
        start(Duration.ofHours(1));
        arrives(ada);
        arrives(bob);
        route("lamp", "ada", 1);
        route("lamp", "bob", 2);
        Lease lease = open(bob);
        leaves(bob);
        assertEquals(List.of(RouteState.STANDBY, RouteState.ACTIVE), states());
        assertEquals(bob.nodeId(), lease.node());
    }

    @Test
    void passesOverAClientWithWhomTheDeviceIsNotShared() throws Exception {
        arrives(ada);
        arrives(eve);
        route("lamp", "ada", 1);
        assertEquals(RouteState.NOT_SHARED, route("lamp", "eve", 2).state());
        Lease lease = open(ada);
        share("lamp", eve);
        awaitHolder(eve, lease);
        rights.change("root", List.of(new Rights.Change.Take("lamp", Subject.node(eve.nodeId()))));
        awaitHolder(ada, lease);
    }

    @Test
    void waitsForALock() throws Exception {
        arrives(ada);
        arrives(bob);
        devices.lock(ada, "lamp", Duration.ofHours(1), false);
        Lease lease = open(ada);
        assertEquals(RouteState.LOCKED, route("lamp", "bob", 1).state());
        assertEquals(ada.nodeId(), lease.node());
        devices.unlock(ada, "lamp");
        awaitHolder(bob, lease);
        awaitStates(RouteState.ACTIVE);
    }

    @Test
    void keepsRoutesOverARestartAndWhileTheDeviceIsGone() throws Exception {
        arrives(ada);
        route("lamp", "ada", 7);
        route("lamp", "bob", 3);
        List<Route> before = routes();
        handler.stop();
        assertEquals(List.of(), devices.held("lamp"), "what was reserved is given back");
        start(Duration.ZERO);
        await(() -> routes().equals(before));
        bench.vanished("lamp");
        assertEquals(List.of(RouteState.NO_DEVICE, RouteState.NO_DEVICE), states());
        plug("lamp", Fields.NONE);
        awaitStates(RouteState.ACTIVE, RouteState.AWAY);
    }

    @Test
    void refusesRoutesThatLeadNowhereAndChangesNothing() throws Exception {
        route("lamp", "ada", 1);
        plug("passed-on", Fields.of(Map.of(DeviceInfo.LENT_BY, "%s,%s".formatted(bob.nodeId().toHex(),
                ada.nodeId().toHex()))));
        Optional<Integer> usual = Optional.empty();
        assertTrue(refused(ErrorCode.BAD_REQUEST, ROUTE_CREATE, new NewRoute("lamp", "attic", usual))
                .getMessage()
                .contains("plugged in at attic itself"));
        refused(ErrorCode.BAD_REQUEST, ROUTE_CREATE, new NewRoute("lamp", TestNode.ID.toHex(), usual));
        assertTrue(refused(ErrorCode.BAD_REQUEST, ROUTE_CREATE, new NewRoute("passed-on", "ada", usual))
                .getMessage()
                .contains("round in a loop"));
        refused(ErrorCode.BAD_REQUEST, ROUTE_MODIFY, new RouteChange("lamp", "ada", "attic"));
        refused(ErrorCode.BAD_REQUEST, ROUTE_MODIFY, new RouteChange("lamp", "ada", "ada"));
        refused(ErrorCode.BAD_REQUEST, ROUTE_CREATE, new NewRoute("lamp", "ada", usual));
        refused(ErrorCode.NOT_FOUND, ROUTE_CREATE, new NewRoute("dragon", "ada", usual));
        refused(ErrorCode.NOT_FOUND, ROUTE_CREATE, new NewRoute("lamp", "nobody", usual));
        refused(ErrorCode.NOT_FOUND, ROUTE_DELETE, new RouteRef("lamp", "bob"));
        refused(ErrorCode.NOT_FOUND, ROUTE_DELETE, new RouteRef("door", "bob"));
        refused(ErrorCode.NOT_FOUND, ROUTE_PRIORITY, new RoutePriority("lamp", "bob", 1));
        assertEquals(List.of("ada"), routes().stream().map(Route::clientName).toList());
        assertEquals(1, store.all(Router.BUCKET).size());
        Payload longName = Payload.decode(Fields.of(Map.of("device", "l".repeat(10_000), "client", "ada"))
                .encoded());
        assertEquals(ErrorCode.BAD_REQUEST,
                assertThrows(Refused.class, () -> ROUTE_CREATE.request().read(longName)).code());
    }

    @Test
    void listsRoutesInPagesAndOnlyOfDevicesThatTheCallerSees() throws Exception {
        int more = RouteList.MOST + 1;
        for (int i = 0; i < more; i++) {
            plug("lamp-" + i, Fields.NONE);
            share("lamp-" + i, hub);
            route("lamp-" + i, "ada", 1);
        }
        route("door", "ada", 1);
        RouteList first = call(hub, ROUTE_LIST, new RouteQuery(Optional.empty(), Optional.empty()));
        assertEquals(IntStream.range(0, RouteList.MOST).mapToObj(i -> "lamp-" + i).toList(),
                first.routes().stream().map(Route::device).toList());
        RouteList rest = call(hub, ROUTE_LIST, new RouteQuery(Optional.empty(), first.next()));
        assertEquals(List.of("lamp-" + RouteList.MOST), rest.routes().stream().map(Route::device).toList());
        assertEquals(Optional.empty(), rest.next());
        assertEquals(List.of(), call(ada, ROUTE_LIST, new RouteQuery(Optional.empty(), Optional.empty()))
                .routes());
        assertEquals(1, call(hub, ROUTE_LIST, new RouteQuery(Optional.of("lamp-3"), Optional.empty()))
                .routes().size());
    }

    private static AclEntry entry(Subject.Kind kind, String name, AccessMode mode) {
        return new AclEntry(new AclSubject(kind, name), mode, List.of(), Optional.empty(), Optional.empty());
    }

    @Test
    void setsGrantsAndRevokesAccess() throws Exception {
        Grant child = new Grant("door", Subject.role("child"), AccessMode.READ_ONLY);
        Grant adas = new Grant("door", Subject.node(ada.nodeId()), AccessMode.EXCLUSIVE);
        assertEquals(List.of(), call(hub, ACL_GET, new AclRef("door")).grants());
        call(hub, ACL_GRANT, new AclGrant("door", entry(Subject.Kind.ROLE, "child", AccessMode.READ_ONLY)));
        assertEquals(List.of(adas, child), call(hub, ACL_GRANT,
                new AclGrant("door", entry(Subject.Kind.NODE, "ada", AccessMode.EXCLUSIVE))).grants());
        assertEquals(List.of(adas), call(hub, ACL_REVOKE, new AclRevocation("door",
                new AclSubject(Subject.Kind.ROLE, "child"))).grants());
        assertEquals(List.of(child), call(hub, ACL_SET, new AclList("door",
                List.of(entry(Subject.Kind.ROLE, "child", AccessMode.READ_ONLY)))).grants());
        assertEquals(List.of(), call(hub, ACL_SET, new AclList("door", List.of())).grants());
    }

    @Test
    void refusesAccessThatMakesNoSense() throws Exception {
        AclEntry childs = entry(Subject.Kind.ROLE, "child", AccessMode.READ_ONLY);
        refused(ErrorCode.NOT_FOUND, ACL_GRANT, new AclGrant("dragon", childs));
        refused(ErrorCode.NOT_FOUND, ACL_SET, new AclList("dragon", List.of()));
        refused(ErrorCode.NOT_FOUND, ACL_REVOKE, new AclRevocation("door", childs.to()));
        refused(ErrorCode.NOT_FOUND, ACL_GRANT,
                new AclGrant("door", entry(Subject.Kind.NODE, "nobody", AccessMode.READ_ONLY)));
        refused(ErrorCode.BAD_REQUEST, ACL_GRANT, new AclGrant("door",
                new AclEntry(childs.to(), AccessMode.READ_ONLY, List.of(), Optional.of(9L),
                Optional.of(3L))));
        assertEquals(List.of(), rights.of("door"));
    }

    @Test
    void readsWhatItWrites() throws Refused, Malformed {
        Route route = new Route(1, "lamp", ada.nodeId(), "ada", 3, RouteState.ACTIVE, "hub");
        assertEquals(route,
                ROUTE_CREATE.answer().read(Payload.decode(ROUTE_CREATE.answer().encode(route).encoded())));
    }
}
