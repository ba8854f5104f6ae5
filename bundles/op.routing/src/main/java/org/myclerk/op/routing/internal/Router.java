package org.myclerk.op.routing.internal;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import org.myclerk.api.client.Peer.Subscription;
import org.myclerk.api.device.DeviceInfo;
import org.myclerk.api.device.Devices;
import org.myclerk.api.device.Lease;
import org.myclerk.api.guard.Audit;
import org.myclerk.api.guard.Rights;
import org.myclerk.api.guard.Who;
import org.myclerk.api.node.Node;
import org.myclerk.api.node.PeerState;
import org.myclerk.api.node.SessionState;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Payload;
import org.myclerk.api.payload.PayloadCodec;
import org.myclerk.api.payload.Range;
import org.myclerk.api.store.Store;
import org.myclerk.api.store.Store.Change;
import org.myclerk.op.routing.Route;
import org.myclerk.op.routing.RouteState;

/**
 * Keeps every routed device with the client that comes first (§6.2.4): the one whose route has the highest
 * priority among those that are connected and with whom the device is shared. That client has the device
 * reserved; what others held of it goes over to it without being closed, and goes on to the next when it
 * leaves.
 *
 * <p>All of it happens on one thread, so that there is one order of changes; who asks waits for its turn.
 */
final class Router {

    static final String BUCKET = "op.routing.routes";
    static final int MOST_ON_A_DEVICE = 64;

    private static final Logger LOG = System.getLogger("org.myclerk.op.routing");
    private static final PayloadCodec<Stored> CODEC = PayloadCodec.of(Stored.class);
    private static final Duration AGAIN = Duration.ofSeconds(1);

    /** A route as stored. */
    public record Stored(@Range long number, String device, Bytes client, String clientName, int priority,
            String by) {

        String key() {
            return client.toHex() + "." + device;
        }

        Stored to(PeerState other) {
            return new Stored(number, device, other.id(), other.name(), priority, by);
        }

        Stored at(int priority) {
            return new Stored(number, device, client, clientName, priority, by);
        }
    }

    /** The routes of a device, the first client first, and what is reserved for that client. */
    private static final class Line {

        private final String device;
        private final List<Stored> routes = new ArrayList<>();
        private Lease reserved;
        /** What another node does not give away, a lock. */
        private Lease inTheWay;

        Line(String device) {
            this.device = device;
        }
    }

    /** A client without a session, since that reading of the nano clock; with the roles that it had. */
    private record Left(long since, Set<String> roles) {
    }

    private final Node node;
    private final Devices devices;
    private final Rights rights;
    private final Audit audit;
    private final Store store;
    private final Duration patience;
    private final ScheduledThreadPoolExecutor thread = new ScheduledThreadPoolExecutor(1,
            Thread.ofPlatform().name("myclerk-routing").daemon().factory());
    /** Whether all devices are about to be settled: many changes of rights at once need that only once. */
    private final AtomicBoolean due = new AtomicBoolean();
    private final List<Subscription> subscriptions = new ArrayList<>();
    private final Map<String, Line> lines = new TreeMap<>();
    private final Map<Bytes, Left> left = new HashMap<>();
    private long lastNumber;

    /** @param patience how long a client without a session counts as connected, so that it can resume */
    Router(Node node, Devices devices, Rights rights, Audit audit, Store store, Duration patience) {
        this.node = node;
        this.devices = devices;
        this.rights = rights;
        this.audit = audit;
        this.store = store;
        this.patience = patience;
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        thread.setRejectedExecutionHandler((_, _) -> { });
        for (Store.Entry entry : store.all(BUCKET)) {
            load(entry);
        }
        subscriptions.add(devices.watch(new Plugged()));
        subscriptions.add(rights.onNarrowed(() -> {
            if (due.compareAndSet(false, true)) {
                later(this::settleAll);
            }
        }));
        later(this::settleAll);
        // A session that opened before the node knew of this bundle told nobody here.
        thread.schedule(() -> later(this::settleAll), AGAIN.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void load(Store.Entry entry) {
        try {
            Stored route = CODEC.read(Payload.decode(entry.value()));
            Line line = lines.computeIfAbsent(route.device, Line::new);
            line.routes.add(route);
            sort(line);
            lastNumber = Math.max(lastNumber, route.number);
        } catch (Malformed | Refused damaged) {
            LOG.log(Level.WARNING, "the route {0} is damaged and left out: {1}", entry.key(),
                    damaged.getMessage());
        }
    }

    /** Gives back what is reserved; devices stay with those that hold them. */
    void stop() throws InterruptedException {
        subscriptions.forEach(Subscription::close);
        thread.execute(() -> lines.values().forEach(Router::release));
        thread.shutdown();
        if (!thread.awaitTermination(5, TimeUnit.SECONDS)) {
            LOG.log(Level.WARNING, "routing is still busy");
        }
    }

    private static void sort(Line line) {
        line.routes.sort(Comparator.comparingInt(Stored::priority).reversed()
                .thenComparingLong(Stored::number));
    }

    private void later(Runnable task) {
        thread.execute(() -> {
            try {
                task.run();
            } catch (RuntimeException failed) {
                LOG.log(Level.ERROR, "routing failed", failed);
            }
        });
    }

    /** Does something in its turn, for a caller that waits. */
    private <T> T inTurn(Callable<T> task) throws Refused, InterruptedException {
        try {
            return thread.submit(task).get();
        } catch (ExecutionException failed) {
            switch (failed.getCause()) {
                case Refused refused -> throw refused;
                case RuntimeException bug -> throw bug;
                default -> throw new IllegalStateException(failed.getCause());
            }
        }
    }

    Route create(Caller by, String device, PeerState client, int priority)
            throws Refused, InterruptedException {
        refuseLoop(device, client);
        return inTurn(() -> {
            Line line = lines.getOrDefault(device, new Line(device));
            refuseSecond(line, client);
            if (line.routes.size() >= MOST_ON_A_DEVICE) {
                throw Refused.unavailable("%s has %d routes: delete one first".formatted(device,
                        MOST_ON_A_DEVICE));
            }
            Stored route = new Stored(lastNumber + 1, device, client.id(), client.name(), priority,
                    by.name());
            store.write(List.of(put(route)));
            lastNumber++;
            line.routes.add(route);
            lines.put(device, line);
            return changed(by, line, route, "routed to %s with priority %d".formatted(client.name(),
                    priority));
        });
    }

    void delete(Caller by, String device, PeerState client) throws Refused, InterruptedException {
        inTurn(() -> {
            Line line = line(device);
            Stored route = route(line, client);
            store.write(List.of(new Change.Remove(BUCKET, route.key())));
            line.routes.remove(route);
            changed(by, line, route, "no longer routed to " + client.name());
            if (line.routes.isEmpty()) {
                lines.remove(device);
            }
            return null;
        });
    }

    Route turn(Caller by, String device, PeerState from, PeerState to) throws Refused, InterruptedException {
        refuseLoop(device, to);
        return inTurn(() -> {
            Line line = line(device);
            Stored route = route(line, from);
            refuseSecond(line, to);
            Stored turned = route.to(to);
            store.write(List.of(new Change.Remove(BUCKET, route.key()), put(turned)));
            line.routes.set(line.routes.indexOf(route), turned);
            return changed(by, line, turned, "routed to %s in place of %s".formatted(to.name(), from.name()));
        });
    }

    Route prioritise(Caller by, String device, PeerState client, int priority)
            throws Refused, InterruptedException {
        return inTurn(() -> {
            Line line = line(device);
            Stored route = route(line, client);
            Stored moved = route.at(priority);
            store.write(List.of(put(moved)));
            line.routes.set(line.routes.indexOf(route), moved);
            return changed(by, line, moved, "routed to %s with priority %d".formatted(client.name(),
                    priority));
        });
    }

    /** The routes of devices that the caller may see, in the order of their numbers. */
    List<Route> list(Caller caller) throws Refused, InterruptedException {
        return inTurn(() -> {
            Map<Bytes, Set<String>> here = here();
            return lines.values().stream().filter(line -> rights.sees(Who.of(caller), line.device))
                    .flatMap(line -> line.routes.stream().map(route -> route(line, route, here)))
                    .sorted(Comparator.comparingLong(Route::number)).toList();
        });
    }

    private Route changed(Caller by, Line line, Stored route, String what) {
        sort(line);
        audit.note(Audit.Kind.RIGHTS, by.name(), Optional.of(line.device), what);
        Map<Bytes, Set<String>> here = here();
        settle(line, here);
        return route(line, route, here);
    }

    private static Change put(Stored route) {
        return new Change.Put(BUCKET, route.key(), CODEC.encode(route).encoded());
    }

    private Line line(String device) throws Refused {
        Line line = lines.get(device);
        if (line == null) {
            throw Refused.notFound("%s has no routes".formatted(device));
        }
        return line;
    }

    private static Stored route(Line line, PeerState client) throws Refused {
        return line.routes.stream().filter(route -> route.client.equals(client.id())).findFirst()
                .orElseThrow(() -> Refused.notFound("%s has no route to %s".formatted(line.device,
                client.name())));
    }

    private static void refuseSecond(Line line, PeerState client) throws Refused {
        if (line.routes.stream().anyMatch(route -> route.client.equals(client.id()))) {
            throw Refused.badRequest("%s has a route to %s already: change its priority".formatted(
                    line.device, client.name()));
        }
    }

    private void refuseLoop(String device, PeerState client) throws Refused {
        DeviceInfo info = devices.find(device)
                .orElseThrow(() ->
                Refused.notFound("no such device here: \"%s\"; list what is there".formatted(device)));
        if (info.properties().toMap().get(DeviceInfo.LENT_BY) instanceof String lenders
                && Arrays.asList(lenders.split(",")).contains(client.id().toHex())) {
            throw Refused.badRequest("%s comes from %s: routed there it would go round in a loop".formatted(
                    device, client.name()));
        }
    }

    /** A session has opened. */
    void opened(SessionState session) {
        later(() -> {
            left.remove(session.peer());
            settleRoutesTo(session.peer());
        });
    }

    /** A session has ended. */
    void ended(SessionState session) {
        later(() -> {
            if (!here().containsKey(session.peer())) {
                left.put(session.peer(), new Left(System.nanoTime(), Set.copyOf(session.roles())));
                thread.schedule(() -> later(() -> settleRoutesTo(session.peer())), patience.toMillis() + 1,
                        TimeUnit.MILLISECONDS);
            }
        });
    }

    /** The clients with a session, and those that may still resume one, with their roles. */
    private Map<Bytes, Set<String>> here() {
        left.values().removeIf(one -> System.nanoTime() - one.since >= patience.toNanos());
        Map<Bytes, Set<String>> here = new HashMap<>();
        left.forEach((client, one) -> here.put(client, one.roles));
        node.sessions().forEach(session -> here.put(session.peer(), Set.copyOf(session.roles())));
        return here;
    }

    private void settleRoutesTo(Bytes client) {
        Map<Bytes, Set<String>> here = here();
        lines.values().stream()
                .filter(line -> line.routes.stream().anyMatch(route -> route.client.equals(client)))
                .forEach(line -> settle(line, here));
    }

    private void settleAll() {
        due.set(false);
        Map<Bytes, Set<String>> here = here();
        lines.values().forEach(line -> settle(line, here));
    }

    private void settle(Line line) {
        settle(line, here());
    }

    /** What hinders a route from being the active one; STANDBY if nothing does. */
    private RouteState hindrance(Line line, Stored route, Map<Bytes, Set<String>> here) {
        if (devices.find(line.device).isEmpty()) {
            return RouteState.NO_DEVICE;
        }
        Set<String> roles = here.get(route.client);
        if (roles == null) {
            return RouteState.AWAY;
        }
        return rights.sees(new Who(route.client, roles), line.device) ? RouteState.STANDBY
                : RouteState.NOT_SHARED;
    }

    private Route route(Line line, Stored route, Map<Bytes, Set<String>> here) {
        boolean active = line.reserved != null && line.reserved.active()
                && line.reserved.node().equals(route.client);
        RouteState state = active ? RouteState.ACTIVE : hindrance(line, route, here);
        if (state == RouteState.STANDBY && line.inTheWay != null) {
            state = RouteState.LOCKED;
        }
        return new Route(route.number, route.device, route.client, route.clientName, route.priority, state,
                route.by);
    }

    /** Brings the device to the client that comes first. */
    private void settle(Line line, Map<Bytes, Set<String>> here) {
        if (line.reserved != null && !line.reserved.active()) {
            line.reserved = null;
        }
        Optional<Stored> first = line.routes.stream()
                .filter(route -> hindrance(line, route, here) == RouteState.STANDBY).findFirst();
        if (first.isEmpty()) {
            release(line);
            return;
        }
        Bytes client = first.get().client;
        String name = first.get().clientName;
        for (Lease lease : devices.held(line.device)) {
            Bytes holder = lease.node();
            if (!holder.equals(client) && !devices.hand(line.device, holder, client, name)
                    && lease.active()) {
                await(line, lease);
                return;
            }
        }
        line.inTheWay = null;
        if (line.reserved == null) {
            reserve(line, client, name);
        }
    }

    /** Settles the device again when that lease ends. */
    private void await(Line line, Lease lease) {
        if (line.inTheWay != lease) {
            line.inTheWay = lease;
            lease.onEnd(_ -> later(() -> settle(line)));
        }
    }

    private void reserve(Line line, Bytes client, String name) {
        try {
            Lease reserved = devices.reserve(line.device, client, name);
            line.reserved = reserved;
            reserved.onEnd(_ -> later(() -> settle(line)));
        } catch (Refused taken) {
            LOG.log(Level.DEBUG, "{0} is not reserved for {1} yet: {2}", line.device, name,
                    taken.getMessage());
            thread.schedule(() -> later(() -> settle(line)), AGAIN.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private static void release(Line line) {
        if (line.reserved != null) {
            Lease reserved = line.reserved;
            line.reserved = null;
            reserved.release();
        }
    }

    /** Settles a device when it comes and goes. */
    private final class Plugged implements Devices.Watcher {

        @Override
        public void appeared(DeviceInfo device) {
            settle(device.id());
        }

        @Override
        public void vanished(DeviceInfo device) {
            settle(device.id());
        }

        private void settle(String id) {
            later(() -> {
                Line line = lines.get(id);
                if (line != null) {
                    Router.this.settle(line);
                }
            });
        }
    }
}
